// The page in frames of other pages: by hand, and by <saya-cluster>.
import assert from 'node:assert/strict';
import { browserTest } from './harness.mjs';
import { POD, fragment, share } from './share.mjs';

const STORY = fragment(share({ 'a.yml': POD('a') }, [[1, 'kubectl apply -f a.yml']]));

/** Opens a page of somebody else's at /host/, with `body` in it. */
async function host(page, open, body, head = '') {
  await open();
  const { origin } = new URL(page.url());
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Host</title><style>body{font:16px sans-serif;margin:20px auto;max-width:760px}</style>${head}<body>${body}</body></html>`;
  await page.route(`${origin}/host/**`, (route) => {
    const path = new URL(route.request().url()).pathname;
    if (path === '/host/') return route.fulfill({ contentType: 'text/html', body: html });
    if (path === '/host/a.yml') return route.fulfill({ contentType: 'text/yaml', body: POD('from-src') });
    return route.fulfill({ status: 404, body: '' });
  });
  await page.goto(`${origin}/host/`);
}

const frameOf = (page, number = 0) => page.frameLocator('iframe').nth(number);

browserTest('a frame shows the chosen panels and nothing else', async ({ page, open, shot }) => {
  await host(page, open, `<h1>A course</h1><iframe src="/?embed=1&view=diagram,terminal&lang=en&theme=light#${STORY}" width="100%" height="420" style="border:0"></iframe>`);
  const frame = frameOf(page);
  await frame.locator('[data-id="pod/default/a"]').waitFor();
  for (const [panel, shown] of [['.figure', true], ['.terminals', true], ['.timeline', true], ['.files', false], ['header', false], ['.panels', false], ['.invitation', false]]) {
    assert.equal(await frame.locator(panel).first().isVisible(), shown, panel);
  }
  await shot('two panels');
  const tab = page.waitForEvent('popup');
  await frame.getByRole('button', { name: 'Open in a tab of its own' }).click();
  const whole = await tab;
  await whole.locator('header.bar').waitFor();
  await whole.locator('[data-id="pod/default/a"]').waitFor();
  assert.doesNotMatch(whole.url(), /embed/);
});

browserTest('every choice of panels fits', async ({ page, open, shot }) => {
  const views = ['diagram', 'terminal', 'editor', 'terminal,diagram', 'editor,diagram,terminal'];
  const frames = views.map((view) => `<p>${view}</p><iframe src="/?embed=1&view=${view}&theme=dark&lang=ja#${STORY}" width="100%" height="300" style="border:0"></iframe>`);
  await page.setViewportSize({ width: 900, height: 1800 });
  await host(page, open, frames.join(''));
  const names = { diagram: '.figure', terminal: '.terminals', editor: '.files' }; // each a section
  for (const [number, view] of views.entries()) {
    const frame = frameOf(page, number);
    await frame.locator('.timeline').waitFor();
    for (const [name, panel] of Object.entries(names)) {
      assert.equal(await frame.locator(`section${panel}`).isVisible(), view.split(',').includes(name), `${view}: ${name}`);
    }
  }
  await frameOf(page, 3).locator('[data-id="pod/default/a"]').waitFor();
  const box = (panel) => frameOf(page, 3).locator(`section${panel}`).boundingBox();
  assert((await box('.terminals')).y < (await box('.figure')).y);
  await shot('views');
});

browserTest('an embed keeps nothing, reads nothing, and takes no focus', async ({ page, open }) => {
  await open();
  await page.evaluate(() => localStorage.setItem('saya.language', '"ko"'));
  const before = await page.evaluate(() => JSON.stringify(localStorage));
  await host(page, open, `<input id="mine" autofocus><div style="height:300px"></div><iframe src="/?embed=1#${STORY}" width="100%" height="400"></iframe><div style="height:3000px"></div>`);
  await page.locator('#mine').focus();
  const frame = frameOf(page);
  await frame.locator('[data-id="pod/default/a"]').waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), 'mine');
  assert.equal(await page.evaluate(() => scrollY), 0);
  assert.equal(await frame.locator('html').getAttribute('lang'), 'en');
  // The wheel over the figure scrolls the page around it.
  const box = await page.locator('iframe').boundingBox();
  await page.mouse.move(box.x + 200, box.y + 80);
  await page.mouse.wheel(0, 300);
  await page.waitForFunction(() => scrollY > 100);
  await frame.locator('#line-1').click();
  await page.keyboard.type('echo typed');
  await page.keyboard.press('Enter');
  await frame.getByText(/^typed|\ntyped/).first().waitFor();
  assert.equal(await page.evaluate(() => JSON.stringify(localStorage)), before);
});

browserTest('it works where storage is blocked', async ({ page, open, context }) => {
  await context.addInitScript(() => {
    const refuse = () => {
      throw new DOMException('Access is denied for this document.', 'SecurityError');
    };
    Object.defineProperty(window, 'localStorage', { get: refuse });
    Object.defineProperty(window, 'sessionStorage', { get: refuse });
  });
  await host(page, open, `<iframe src="/?embed=1#${STORY}" width="100%" height="400"></iframe>`);
  await frameOf(page).locator('[data-id="pod/default/a"]').waitFor();
  assert.equal(await frameOf(page).locator('.notice').count(), 0);
});

browserTest('a bad link in a frame says so and shows nothing else', async ({ page, open, shot }) => {
  await host(page, open, `<input id="mine" autofocus><iframe src="/?embed=1&lang=ja#${STORY.slice(0, 50)}" width="100%" height="300"></iframe>`);
  await frameOf(page).getByRole('alert').getByText('this link is cut').waitFor();
  await shot('refused');
  assert.equal(await page.evaluate(() => document.activeElement.tagName), 'INPUT');
});

browserTest('saya-cluster: lazy, its theme, its height, two on a page', async ({ page, open, shot }) => {
  const element = (more) => `<saya-cluster src="a.yml" run="kubectl apply -f ." lang="en" ${more}></saya-cluster>`;
  await host(page, open, `${element('id="one"')}<p>between</p>${element('id="two" view="terminal" lazy="click"')}`, '<script src="/saya-cluster.js" defer></script>');
  assert.equal(await page.locator('iframe').count(), 0, 'nothing is loaded before a click');
  await page.locator('#one').getByRole('button', { name: 'Start the cluster' }).click();
  const one = page.frameLocator('#one iframe');
  await one.locator('[data-id="pod/default/from-src"]').waitFor();
  // As high as it asked for: figure, time and terminal fit.
  const height = (await page.locator('#one iframe').boundingBox()).height;
  assert(height > 380 && height < 900, `${height}`);
  await page.evaluate(() => document.querySelector('#two').run(['echo from around']));
  const two = page.frameLocator('#two iframe');
  await two.getByText('pod/from-src created').first().waitFor();
  await two.getByText(/from around/).nth(1).waitFor();
  assert.equal(await one.getByText('from around').count(), 0);
  assert.equal(await one.locator('html').getAttribute('data-theme'), 'light');
  await page.evaluate(() => (document.documentElement.dataset.theme = 'dark'));
  await one.locator('html[data-theme="dark"]').waitFor();
  await two.locator('html[data-theme="dark"]').waitFor();
  await page.setViewportSize({ width: 900, height: 1200 });
  await shot('two clusters');
});
