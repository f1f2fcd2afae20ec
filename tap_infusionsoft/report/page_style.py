"""How the report's page looks: in light and dark, on desks, phones and paper."""

STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --soft: #566070; --line: #d9dee6; --back: #f4f6f8;
  --card: #fff; --good: #1a7f4b; --bad: #b3261e; --open: #9a5b00; --good-back: #dff3e7; --bad-back: #fbe3e1;
  --open-back: #fdeed7; --s0: #98a1ad; --s1: #2f6fb2; --s2: #d9822b; --s3: #3a8f5c; --s4: #8e5bb5;
  --s5: #c2497e; --s6: #7a6a2f; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ee; --soft: #a3adba; --line: #333b47; --back: #12161c; --card: #1b2129; --good: #5cc48d;
    --bad: #f28b82; --open: #f0b45c; --good-back: #17392a; --bad-back: #451f1d; --open-back: #40301a;
    --s0: #6f7988; --s1: #6aa9ec; --s2: #efa35a; --s3: #66bd8a; --s4: #b88add; --s5: #e67fab; --s6: #bdaa63; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 80rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 0 0 .75rem; }
p { margin: .25rem 0; overflow-wrap: anywhere; }
a { color: inherit; }
.soft { color: var(--soft); }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); white-space: nowrap; }
.verdict { border-left: .4rem solid; padding: .75rem 1rem; margin: 1rem 0; background: var(--card);
  border-radius: .25rem; }
.verdict.good { border-color: var(--good); } .verdict.bad { border-color: var(--bad); }
.verdict.open { border-color: var(--open); }
.chip { display: inline-block; padding: 0 .6rem; border-radius: .7rem; font-size: .85rem; font-weight: 600;
  white-space: nowrap; }
.chip.bad { background: var(--bad-back); color: var(--bad); }
.chip.open { background: var(--open-back); color: var(--open); }
ul { margin: 0; padding: 0 0 0 1.2rem; }
.tiles { list-style: none; padding: 0; display: grid; gap: .75rem;
  grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); }
.tiles li { background: var(--card); border: 1px solid var(--line); border-radius: .5rem;
  padding: .6rem .8rem; }
.tiles b { display: block; font-size: 1.25rem; font-variant-numeric: tabular-nums; }
.tiles span { color: var(--soft); font-size: .875rem; line-height: 1.3; display: block; }
section { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: 1rem;
  margin: 1rem 0; }
.problems li, .history li { margin: .4rem 0; overflow-wrap: anywhere; }
figure { margin: 0 0 1rem; position: relative; }
figcaption { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; font-size: .9rem;
  margin: 0 0 .25rem; }
svg { display: block; width: 100%; border-bottom: 1px solid var(--soft); }
svg.tall { height: 9rem; } svg.low { height: 2.5rem; }
svg.framed { border-top: 1px dotted var(--line); }
.s0 { fill: var(--s0); background: var(--s0); } .s1 { fill: var(--s1); background: var(--s1); }
.s2 { fill: var(--s2); background: var(--s2); } .s3 { fill: var(--s3); background: var(--s3); }
.s4 { fill: var(--s4); background: var(--s4); } .s5 { fill: var(--s5); background: var(--s5); }
.s6 { fill: var(--s6); background: var(--s6); }
.paced { fill: var(--s0); } .waited { fill: var(--bad); } .quota { fill: var(--good); fill-opacity: .55; }
.legend { list-style: none; padding: 0; margin: .5rem 0 0; display: flex; flex-wrap: wrap; gap: .1rem 1rem;
  font-size: .875rem; }
.key { display: inline-block; width: .75rem; height: .75rem; border-radius: .15rem; margin-right: .35rem; }
.axis { display: flex; justify-content: space-between; color: var(--soft); font-size: .85rem;
  font-variant-numeric: tabular-nums; margin-top: -.75rem; }
.aside { color: var(--soft); font-size: .85rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0;
  border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-weight: 600; }
tbody th { font-weight: 600; overflow-wrap: break-word; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.none { color: var(--soft); }
code { font: .9em ui-monospace, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
details { margin-top: .75rem; }
summary { cursor: pointer; color: var(--soft); padding: .25rem 0; }
a:focus-visible, summary:focus-visible { outline: 2px solid var(--s1); outline-offset: 2px; }
@media (max-width: 52rem) {
  main { padding: 1rem .5rem 3rem; }
  section { padding: .75rem; }
  .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .5rem; }
  .cards thead { display: none; }
  .cards, .cards tbody { display: block; }
  .cards tr { display: flex; flex-wrap: wrap; gap: .1rem 1rem; padding: .5rem 0;
    border-bottom: 1px solid var(--line); }
  .cards tbody th { flex: 1 1 auto; border: 0; padding: 0; overflow-wrap: anywhere; }
  .cards td { display: flex; gap: .4rem; padding: 0; border: 0; flex: 1 1 100%; overflow-wrap: anywhere; }
  .cards td.number { flex: none; text-align: left; white-space: normal; }
  .cards td::before { content: attr(data-name); color: var(--soft); flex: none; }
  .streams td:nth-child(2) { flex: none; }
  .streams td:nth-child(2)::before { content: none; }
  .cards td > span { min-width: 0; }
  .cards td.none { display: none; }
}
@media print { body { background: #fff; } section { break-inside: avoid; } }
"""
