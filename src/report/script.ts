/**
 * What the page does when it is pointed at: shows the numbers of a step of a chart, out of its table. All else works
 * without it.
 */
export const script = `(() => {
  const tip = document.createElement('div');
  tip.className = 'tip';
  tip.hidden = true;
  document.body.append(tip);
  for (const figure of document.querySelectorAll('figure.chart')) {
    const marks = figure.querySelector('svg.marks');
    const here = marks.querySelector('.here');
    const rows = figure.querySelectorAll('tbody tr');
    const heads = figure.querySelectorAll('thead th');
    const hide = () => {
      tip.hidden = true;
      here.setAttribute('width', 0);
    };
    const show = (event) => {
      const box = marks.getBoundingClientRect();
      const share = (event.clientX - box.left) / box.width;
      const index = Math.max(0, Math.min(rows.length - 1, Math.floor(share * rows.length)));
      const row = rows[index];
      if (row === undefined) return;
      here.setAttribute('x', index * 10);
      here.setAttribute('width', 10);
      const title = document.createElement('b');
      title.textContent = row.cells[0].textContent;
      const lines = [...row.cells].slice(1).flatMap((cell, at) => {
        const isAll = heads[at + 1].textContent === 'All';
        if (!isAll && /^(\\$?0|–)$/.test(cell.textContent)) return [];
        const line = document.createElement('div');
        const name = document.createElement('span');
        name.append(...[...heads[at + 1].cloneNode(true).childNodes]);
        const value = document.createElement('span');
        value.textContent = cell.textContent;
        line.append(name, value);
        return [line];
      });
      tip.replaceChildren(title, ...lines);
      tip.hidden = false;
      const width = document.documentElement.clientWidth;
      const middle = box.left + ((index + 0.5) / rows.length) * box.width;
      const left = middle < width / 2 ? middle + 12 : middle - tip.offsetWidth - 12;
      tip.style.left = Math.max(4, Math.min(left, width - tip.offsetWidth - 4)) + 'px';
      tip.style.top = Math.max(4, Math.min(event.clientY - 20, innerHeight - tip.offsetHeight - 4)) + 'px';
    };
    marks.addEventListener('pointermove', show);
    marks.addEventListener('pointerdown', show);
    marks.addEventListener('pointerleave', hide);
    addEventListener('scroll', hide, { passive: true });
  }
})();`;
