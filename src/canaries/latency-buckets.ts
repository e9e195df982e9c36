/** How many times as long as the one before each bucket is. */
export const bucketFactor = 1.15;
const longestMs = 3_600_000;

/** The last one has all that took longer. */
export const lastBucket = Math.ceil(Math.log(longestMs) / Math.log(bucketFactor)) + 1;

/** The bucket of a time: each ends 15 % later than the one before, from 1 ms to an hour. */
export function bucketOf(ms: number): number {
  return ms <= 1 ? 0 : Math.min(lastBucket, Math.ceil(Math.log(ms) / Math.log(bucketFactor)));
}

/** Where a bucket ends, in milliseconds; of the last one, where it begins. */
export function endOf(bucket: number): number {
  return bucketFactor ** Math.min(bucket, lastBucket - 1);
}

/** How many buckets apart a time is from one so many times as long; not a whole number. */
export function bucketsApart(times: number): number {
  return Math.log(times) / Math.log(bucketFactor);
}
