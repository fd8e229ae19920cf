// The .drawio files as an independent reader has them: maxGraph, the library that grew out of draw.io's own, reads what the
// page saves and lays it out; every cell must stand where the page shows the same thing.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { browserTest } from './harness.mjs';
import { hurry, terminal } from './hands.mjs';

const WIDE = { viewport: { width: 1440, height: 900 }, locale: 'en-US' };

/** maxGraph in one script, with what reads a file and tells of its cells. */
async function reader() {
  const contents = `
    import { Graph, ModelXmlSerializer } from '@maxgraph/core';
    window.readDrawio = (text) => {
      const file = new DOMParser().parseFromString(text, 'application/xml');
      const model = file.querySelector('mxGraphModel');
      const container = document.createElement('div');
      document.body.append(container);
      const graph = new Graph(container);
      new ModelXmlSerializer(graph.getDataModel()).import(new XMLSerializer().serializeToString(model));
      const told = (cell) => {
        const state = graph.view.getState(cell);
        return {
          id: cell.getId(),
          parent: cell.parent?.getId() ?? null,
          vertex: Boolean(cell.isVertex()),
          edge: Boolean(cell.isEdge()),
          source: cell.getTerminal(true)?.getId() ?? null,
          target: cell.getTerminal(false)?.getId() ?? null,
          relative: Boolean(cell.geometry?.relative),
          bounds: state && cell.isVertex() ? [state.x, state.y, state.width, state.height] : null,
          points: state && cell.isEdge() ? state.absolutePoints.map(({ x, y }) => [x, y]) : null,
          value: cell.value ?? '',
        };
      };
      const cells = Object.values(graph.getDataModel().cells).map(told);
      container.remove();
      return cells;
    };`;
  const bundle = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('..', import.meta.url)) },
    bundle: true,
    write: false,
    format: 'iife',
    logLevel: 'error',
  });
  return bundle.outputFiles[0].text;
}

/** What the page shows: each group's corner, and of each connection the ends of its line. */
function shown(page) {
  return page.evaluate(() => {
    const corner = (element) => element.getAttribute('transform').match(/-?[\d.]+/g).map(Number);
    const groups = [...document.querySelectorAll('.camera .group[data-id]')].map((element) => [element.dataset.id, corner(element)]);
    const lines = [...document.querySelectorAll('.camera .connection[data-id]')].map((element) => {
      const around = element.closest('.group');
      const [x, y] = around ? corner(around) : [0, 0];
      const numbers = element.querySelector('path').getAttribute('d').match(/-?[\d.]+/g).map(Number);
      return [element.dataset.id, [[numbers[0] + x, numbers[1] + y], [numbers.at(-2) + x, numbers.at(-1) + y]]];
    });
    return { groups: Object.fromEntries(groups), lines: Object.fromEntries(lines) };
  });
}

const apart = ([ax, ay], [bx, by]) => Math.hypot(ax - bx, ay - by);

browserTest('maxGraph reads the saved figure: boxes in boxes, arrows at their ends, all in its place', WIDE, async ({ page, open }) => {
  const script = await reader();
  await open();
  await hurry(page);
  const shell = terminal(page);
  await shell.type('kubectl apply -f . && kubectl expose deployment pma --type=NodePort --port=80');
  await page.locator('.mark.ready').nth(1).waitFor();
  await page.locator('.tools summary', { hasText: 'Layers' }).click();
  for (const name of ['Owners', 'Claims, volumes', 'kube-system', 'Labels and selectors']) await page.getByLabel(name).check();
  await page.locator('[data-id="service/kube-system/kube-dns"]').waitFor();
  await page.getByLabel('Pause').click();
  await page.locator('.tools summary', { hasText: 'Layers' }).click();
  await page.locator('.tools summary', { hasText: 'Save the figure' }).click();
  const save = async (name) => {
    const download = page.waitForEvent('download');
    await page.locator('.tools').getByRole('button', { name, exact: true }).click();
    return readFileSync(await (await download).path(), 'utf8');
  };
  const [file, both] = [await save('.drawio'), await save('.drawio.svg')];
  // In a page of its own: maxGraph wants pictures of tools, which are nowhere.
  const elsewhere = await page.context().browser().newContext();
  const reading = await elsewhere.newPage();
  await reading.addScriptTag({ content: script });
  const cells = await reading.evaluate((text) => window.readDrawio(text), file);
  await elsewhere.close();
  const { groups, lines } = await shown(page);
  assert(Object.keys(groups).length > 30 && Object.keys(lines).length > 12, 'the figure has much in it');

  const byId = new Map(cells.map((cell) => [cell.id, cell]));
  assert.equal(byId.size, cells.length);
  for (const cell of cells.filter(({ id }) => id !== '0')) {
    assert(byId.has(cell.parent), `${cell.id} is in ${cell.parent}`);
    assert(cell.vertex !== cell.edge || cell.id === '1', `${cell.id} is a vertex or an edge`);
  }
  for (const [id, corner] of Object.entries(groups)) {
    if (id === 'figure') continue;
    const cell = byId.get(id);
    assert(cell?.vertex, `${id} is a cell`);
    assert(apart(cell.bounds, corner) < 0.1, `${id} stands at ${cell.bounds}, not at ${corner}`);
  }
  // What is inside moves with what is around it.
  const within = (id, around) => {
    for (let cell = byId.get(id); cell; cell = byId.get(cell.parent)) if (cell.id === around) return true;
    return false;
  };
  assert(within('container/default/mysql-0/mysql', 'pod/default/mysql-0'));
  assert(within('pod/default/mysql-0', 'node/docker-desktop'));
  assert(within('node/docker-desktop', 'cluster'));

  for (const [id, [begin, end]] of Object.entries(lines)) {
    const cell = byId.get(id);
    assert(cell?.edge && cell.relative, `${id} is an edge`);
    for (const terminal of [cell.source, cell.target]) assert(byId.get(terminal)?.vertex, `${id} is attached to ${terminal}`);
    // Lines stop a little before their heads do.
    assert(apart(cell.points[0], begin) < 10 && apart(cell.points.at(-1), end) < 10, `${id} goes from ${cell.points[0]} to ${cell.points.at(-1)}`);
  }
  const called = byId.get('calls/default/mysql/' + Object.keys(groups).find((id) => id.startsWith('pod/default/pma-')).slice('pod/'.length));
  assert.equal(called.target, 'service/default/mysql');
  assert.match(byId.get(`${called.id}/label`).value, /3306\/tcp/);

  // The same file is in the picture.
  const inside = await page.evaluate((text) => new DOMParser().parseFromString(text, 'image/svg+xml').documentElement.getAttribute('content'), both);
  assert.equal(inside, file);
});
