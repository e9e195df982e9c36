import { darkColours, lightColours, type Palette } from './palette.ts';

function variables({ background, text, quiet, line, panel, series }: Palette): string {
  const colours = series.map((colour, index) => `--c${index}:${colour}`).join(';');
  return `--bg:${background};--text:${text};--quiet:${quiet};--line:${line};--panel:${panel};${colours}`;
}

const perColour = lightColours.series
  .map(
    (_, index) =>
      `.k${index}{background:var(--c${index})}.f${index}{fill:var(--c${index})}.s${index}{stroke:var(--c${index})}`,
  )
  .join('\n');

/** For light and dark, wide and narrow, screen and paper. */
export const style = `
:root{color-scheme:light dark;${variables(lightColours)}}
@media (prefers-color-scheme:dark){:root{${variables(darkColours)}}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:84rem;padding:1.5rem clamp(.75rem,3vw,2.5rem) 3rem;background:var(--bg);color:var(--text);font:400 .9375rem/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
h1,h2,h3,p,ul,ol,dl,dd,figure{margin:0;padding:0}
h1{font-size:clamp(1.375rem,1.1rem + 1.4vw,2rem);line-height:1.2;letter-spacing:-.015em}
h2{font-size:1.1875rem;margin:2.75rem 0 1rem;padding-top:.75rem;border-top:2px solid var(--text)}
h3{font-size:1rem;font-weight:650}
header p,figcaption p,.block>p,section>p,.tiles dd,footer,small,caption{color:var(--quiet)}
small{font-size:.8125rem}
code{font:.875em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
em{font-style:normal;color:var(--quiet)}
.unseen{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap;border:0;padding:0}
.empty{margin-top:3rem;font-size:1.125rem}
.tiles{display:flex;flex-wrap:wrap;gap:1px;margin-top:1.5rem;background:var(--line);border:1px solid var(--line);border-radius:.625rem;overflow:hidden}
.tiles>div{flex:1 1 8.75rem;background:var(--bg);padding:.875rem 1rem 1rem}
.tiles dt{font-size:.8125rem;color:var(--quiet)}
.tiles dd{font-size:.8125rem;line-height:1.35}
.tiles .value{font-size:1.5625rem;font-weight:650;line-height:1.25;letter-spacing:-.02em;color:var(--text);margin:.125rem 0 .25rem}
.pair{display:grid;grid-template-columns:minmax(0,1fr);gap:1rem 2.5rem;margin-bottom:2.5rem}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,30rem),1fr));gap:2.25rem 2.5rem}
.block{min-width:0;margin-bottom:1.5rem}
section>.block{margin-top:1.5rem}
p b{color:var(--text)}
p+.wide{margin-top:.75rem}
.block>.pair{margin:.75rem 0 1.5rem}
.charts>.block{margin:0}
.tiles+.charts{margin-top:2rem}
.three{grid-template-columns:repeat(auto-fit,minmax(min(100%,21rem),1fr))}
.top th[scope=row]{padding-left:1.125rem}
.top .k{position:absolute;left:0;top:.5625rem}
.columns{margin-top:1rem;columns:30rem 2;column-gap:2.5rem}
.columns>.block{break-inside:avoid;margin-bottom:2rem}
@media (min-width:64rem){.pair{grid-template-columns:minmax(0,1.15fr) minmax(0,1fr)}.block>.pair{grid-template-columns:minmax(0,1fr) minmax(0,1fr)}}
figure.chart{container-type:inline-size;--gutter:calc(var(--y)*.47rem + .625rem)}
figcaption p{font-size:.875rem;min-height:2.5em}
.legend{display:flex;flex-wrap:wrap;gap:.125rem .875rem;list-style:none;font-size:.8125rem;margin-top:.25rem}
.k{display:inline-block;width:.6875rem;height:.6875rem;border-radius:2px;margin-right:.375rem;vertical-align:-.05em;flex:none}
.k.dashed,.k.dotted{-webkit-mask:repeating-linear-gradient(90deg,#000 0 3px,#0000 3px 4.5px);mask:repeating-linear-gradient(90deg,#000 0 3px,#0000 3px 4.5px)}
.k.dotted{-webkit-mask:repeating-linear-gradient(90deg,#000 0 1.5px,#0000 1.5px 3px);mask:repeating-linear-gradient(90deg,#000 0 1.5px,#0000 1.5px 3px)}
.plot{position:relative;margin:.75rem 0 .5rem var(--gutter);padding-bottom:1.375rem}
.marks{display:block;width:100%;height:13.5rem;overflow:visible;touch-action:pan-y}
.pair .marks{height:16rem}
.y,.x{list-style:none;font-size:.75rem;line-height:1;color:var(--quiet)}
.y{position:absolute;inset:0 100% 1.375rem calc(-1*var(--gutter));width:var(--gutter);pointer-events:none}
.y li{position:absolute;right:.5rem;transform:translateY(50%);white-space:nowrap}
.x{position:absolute;inset:auto 0 0 0;height:1rem}
.x li{position:absolute;transform:translateX(-50%);white-space:nowrap}
.grid{fill:none;stroke:var(--line);stroke-width:1;vector-effect:non-scaling-stroke}
.here{fill:var(--text);opacity:.09}
.bar{stroke:var(--bg);stroke-width:.5;vector-effect:non-scaling-stroke}
.line{fill:none;stroke-width:2.25;stroke-linecap:round;stroke-linejoin:round;vector-effect:non-scaling-stroke}
.line.dashed{stroke-dasharray:7 5}
.line.dotted{stroke-dasharray:.5 5}
details{font-size:.8125rem}
summary{cursor:pointer;color:var(--quiet);width:max-content;padding:.25rem 0}
summary:hover{color:var(--text)}
.wide{overflow-x:auto;max-width:100%}
:focus-visible{outline:2px solid var(--c1);outline-offset:2px}
table{border-collapse:collapse;width:100%;font-size:.8125rem}
caption{text-align:left;padding-bottom:.25rem}
th,td{padding:.3125rem .5rem;text-align:right;white-space:nowrap;vertical-align:baseline;border-bottom:1px solid var(--line)}
thead th{color:var(--quiet);font-weight:500;vertical-align:bottom}
thead th:first-child::first-letter,caption::first-letter{text-transform:uppercase}
th[scope=row],thead th:first-child{text-align:left;padding-left:0;font-weight:500}
th[scope=row]{position:sticky;left:0;background:var(--bg);white-space:normal;min-width:7.5rem;max-width:18rem}
td:last-child,th:last-child{padding-right:.125rem}
details th{font-weight:400}
details td{min-width:4rem}
svg.bar{display:block;width:100%;height:.25rem;margin-top:.25rem;border-radius:2px;stroke:none}
.words td:last-child{white-space:normal;text-align:left;min-width:14rem}
.words th:last-child{text-align:left}
.steps{max-width:32rem;margin:.5rem 0}
.meter{height:.4375rem!important}
.rest{fill:var(--line)}
.reserved{opacity:.45}
footer{margin-top:3rem;font-size:.8125rem}
footer h2{font-size:.9375rem;margin:0 0 .5rem;border-top:1px solid var(--line);color:var(--text)}
footer li{margin:0 0 .25rem 1.125rem}
.tip{position:fixed;z-index:1;pointer-events:none;max-width:min(22rem,92vw);padding:.5rem .625rem;border:1px solid var(--line);border-radius:.5rem;background:var(--panel);font-size:.8125rem;box-shadow:0 4px 16px #0003}
.tip div{display:flex;justify-content:space-between;gap:1.25rem}
@container (max-width:30rem){.spare{display:none}}
@media (max-width:36rem){.marks,.pair .marks{height:12rem}}
@media print{:root{${variables(lightColours)}}body{max-width:none;padding:0;font-size:9pt}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}figure,.pair,.block,.tiles{break-inside:avoid}h2,h3{break-after:avoid}details{display:none}.marks,.pair .marks{height:9rem}.pair,.block>.pair{grid-template-columns:minmax(0,1fr);gap:.25rem;margin-bottom:1.25rem}.charts{grid-template-columns:minmax(0,1fr) minmax(0,1fr)}.wide{overflow:visible}th,td{padding-block:.125rem;white-space:normal}.columns{columns:1}.bar{stroke-width:.25}.tiles>div{flex-basis:6rem}}
${perColour}
`;
