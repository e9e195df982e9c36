/** The colours of a page. */
export interface Palette {
  readonly background: string;
  readonly text: string;
  /** Of text that matters less. */
  readonly quiet: string;
  /** Between things. */
  readonly line: string;
  /** Of what lies above the page. */
  readonly panel: string;
  /** Of what charts show, by number; the first is of all that is told together. */
  readonly series: readonly string[];
}

// Chosen by search: each stands out from the background by 3:1 and from every other one by at least 0.1 in OKLab, also as
// people with protanopia, deuteranopia and tritanopia see them (test/unit/report/palette.test.ts).
export const lightColours: Palette = {
  background: '#ffffff',
  text: '#1a1d23',
  quiet: '#5a616c',
  line: '#e1e4e9',
  panel: '#ffffff',
  series: ['#8a8f98', '#054092', '#c37b00', '#357d63', '#852659', '#409adb', '#c03915'],
};

export const darkColours: Palette = {
  background: '#171a20',
  text: '#eceef1',
  quiet: '#a3aab5',
  line: '#30353e',
  panel: '#22262e',
  series: ['#8f959e', '#487cd3', '#f2b92f', '#4aca92', '#cb8ee5', '#9cd5ff', '#f0603a'],
};
