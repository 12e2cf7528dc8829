/** The page's looks: one style sheet, inline, because the page is one answer. */
export const style = `
:root { font: 16px/1.45 system-ui, sans-serif; color: #1d2730; background: #f4f6f8; }
body { margin: 0 auto; max-width: 64rem; padding: 1.25rem; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p { margin: .25rem 0; }
.quiet, small { color: #5a6874; }
.said { background: #e6f2ff; border-left: 4px solid #2477c9; padding: .6rem .9rem; border-radius: 4px; }
.said.bad { background: #fdecea; border-color: #c0392b; }
.card { background: #fff; border: 1px solid #dbe1e7; border-radius: 8px; padding: .9rem 1.1rem; margin: .75rem 0; }
.card header { display: flex; gap: .75rem; align-items: baseline; flex-wrap: wrap; }
.card header strong { font-size: 1.05rem; }
.badge { border-radius: 999px; padding: .05rem .6rem; font-size: .85rem; background: #e3e8ed; }
.accepted { background: #d9f2e0; } .pending { background: #fff1cc; } .cancelled, .rejected { background: #f7d9d6; }
.absent { background: #f7d9d6; }
form { display: inline-flex; gap: .4rem; align-items: end; flex-wrap: wrap; margin: .3rem .6rem .3rem 0; }
label { display: grid; font-size: .85rem; color: #44525e; }
input, select { font: inherit; padding: .3rem .45rem; border: 1px solid #b9c4ce; border-radius: 5px; background: #fff; }
button { font: inherit; padding: .35rem .8rem; border: 1px solid #2477c9; border-radius: 5px; background: #2477c9; color: #fff; cursor: pointer; }
button.plain { background: #fff; color: #1d5c9c; }
button.bad { background: #fff; color: #a93226; border-color: #a93226; }
button:focus-visible, input:focus-visible, select:focus-visible { outline: 3px solid #ffbf47; outline-offset: 1px; }
.person { margin-right: 1.25rem; } .person small { margin-left: .35rem; }
.group { display: grid; grid-template-columns: 8rem 1fr; align-items: baseline; border-top: 1px solid #eef1f4; margin-top: .5rem; padding-top: .35rem; }
.group > b { color: #44525e; font-weight: 600; }
table { border-collapse: collapse; width: 100%; background: #fff; font-size: .92rem; }
td.when { white-space: nowrap; }
td code { overflow-wrap: anywhere; }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid #e6eaee; }
.ok { color: #1e7a3c; } .fail { color: #a93226; }
code { font-size: .85rem; color: #5a6874; }
`;
