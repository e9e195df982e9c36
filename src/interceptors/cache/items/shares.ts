/**
 * A whole, in whole numbers, by the weights of its parts: rounded so that the shares add up to it exactly. Parts that all
 * weigh nothing have even shares.
 *
 * @param total a whole number, at least 0
 */
export function sharesOf(total: number, weights: readonly number[]): readonly number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  if (sum === 0 && weights.length > 0)
    return sharesOf(
      total,
      weights.map(() => 1),
    );
  let weighed = 0;
  let given = 0;
  return weights.map((weight) => {
    weighed += weight;
    const upToHere = Math.round(total * (weighed / sum));
    const share = upToHere - given;
    given = upToHere;
    return share;
  });
}
