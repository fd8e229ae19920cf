// A course in Japanese, built by Sphinx with sphinx-saya and this page, read in a browser.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { start, watchedPage } from './browser.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
let base, ground, python;

/** Builds the course with a theme into site/THEME. */
function build(theme) {
  const program = join(resolve(root, process.env.CARGO_TARGET_DIR ?? 'target'), 'debug/saya');
  const options = { saya_page: join(root, 'dist'), html_theme: theme, saya_program: existsSync(program) ? program : '/nowhere/saya' };
  const defines = Object.entries(options).flatMap(([name, value]) => ['-D', `${name}=${value}`]);
  const folders = ['-d', join(base, `doctrees-${theme}`), join(base, 'course'), join(base, 'site', theme)];
  execFileSync(python, ['-m', 'sphinx', '-q', '-W', '-b', 'html', ...defines, ...folders], {
    env: { ...process.env, PYTHONPATH: join(root, 'sphinx'), PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

before(async () => {
  python = join(execFileSync(join(root, 'scripts/sphinx-env'), { stdio: ['ignore', 'pipe', 'inherit'] }).toString().trim(), 'bin/python');
  base = mkdtempSync(join(tmpdir(), 'saya-course-'));
  cpSync(join(root, 'sphinx/tests/course'), join(base, 'course'), { recursive: true });
  mkdirSync(join(base, 'site'));
  for (const theme of ['sphinx_rtd_theme', 'furo']) build(theme);
  ground = await start(join(base, 'site'));
});
after(async () => {
  await ground?.close();
  if (base) rmSync(base, { recursive: true });
});

const shot = (page, name) => page.screenshot({ path: join(root, `e2e/screenshots/sphinx-${name}.png`) });

test('two clusters on a page of a course with sphinx_rtd_theme', { timeout: 90_000 }, async () => {
  const { page, problems, context } = await watchedPage(ground, { locale: 'ja', colorScheme: 'light' });
  await page.goto(`${ground.origin}/sphinx_rtd_theme/database.html`);
  const [one, two] = [page.locator('saya-cluster').nth(0), page.locator('saya-cluster').nth(1)];
  await one.locator('img').first().waitFor();
  assert(await one.locator('img').first().evaluate((image) => image.complete && image.naturalWidth > 100), 'the figure is there before any cluster');
  assert.equal(await one.locator('iframe').count(), 0);
  await shot(page, 'poster');
  await one.getByRole('button', { name: 'クラスターを起動' }).click();
  const live = one.frameLocator('iframe');
  await live.locator('[data-id="pod/default/mysql-0"]').waitFor();
  assert.equal(await live.locator('html').getAttribute('lang'), 'ja');
  assert.equal(await live.locator('section.files').isVisible(), false);
  // The commands of the chapter, tried in the cluster above them, beside the button that copies.
  assert((await page.locator('button.copybtn').count()) > 0);
  await live.getByText('statefulset.apps/mysql created').first().waitFor();
  await page.getByRole('button', { name: '試す' }).first().click();
  await live.getByText('pod "mysql-0" deleted from default namespace').first().waitFor();
  // So are those of PowerShell, and the lines for a shell in a container.
  await one.evaluate((cluster) => cluster.run(['kubectl wait --for=condition=Ready pod -l app=pma --timeout=120s']));
  await live.getByText('condition met').first().waitFor();
  await page.getByRole('button', { name: '試す' }).nth(1).click();
  await live.getByText('mysql.default.svc.cluster.local').first().waitFor();
  await shot(page, 'live');
  // The second one starts when it is scrolled to.
  await two.scrollIntoViewIfNeeded();
  const other = two.frameLocator('iframe');
  await other.getByText('kubectl apply -f svc-mysql.yml').first().waitFor();
  assert.equal(await other.locator('section.figure').isVisible(), false);
  assert.equal(await other.getByText('mysql-0').count(), 0, 'they do not know of each other');
  await shot(page, 'second');
  assert.deepEqual(problems, []);
  await context.close();
});

test('in the dark with furo', { timeout: 60_000 }, async () => {
  const { page, problems, context } = await watchedPage(ground, { locale: 'ja', colorScheme: 'dark' });
  await page.goto(`${ground.origin}/furo/database.html`);
  const one = page.locator('saya-cluster').first();
  assert.equal(await one.locator('img.saya-dark').isVisible(), true);
  assert.equal(await one.locator('img.saya-light').isVisible(), false);
  await one.getByRole('button', { name: 'クラスターを起動' }).click();
  await one.frameLocator('iframe').locator('html[data-theme="dark"]').waitFor();
  await one.frameLocator('iframe').locator('[data-id="pod/default/mysql-0"]').waitFor();
  await shot(page, 'dark');
  assert.deepEqual(problems, []);
  await context.close();
});

test('the wheel carries the built page', { timeout: 120_000 }, () => {
  const out = join(base, 'wheel');
  execFileSync(join(root, 'sphinx/wheel'), [out], { env: { ...process.env, PYTHON: python }, stdio: ['ignore', 'ignore', 'inherit'] });
  const list = 'import glob, sys, zipfile; print("\\n".join(zipfile.ZipFile(glob.glob(sys.argv[1] + "/*.whl")[0]).namelist()))';
  const names = execFileSync(python, ['-c', list, out]).toString().trim().split('\n');
  for (const [what, found] of Object.entries({
    page: /^sphinx_saya\/page\/index\.html$/,
    program: /^sphinx_saya\/page\/now-[0-9a-f]+\.wasm\.lzma$/,
    rest: /^sphinx_saya\/page\/later-[0-9a-f]+\.wasm$/,
    element: /^sphinx_saya\/page\/saya-cluster\.js$/,
    examples: /^sphinx_saya\/page\/examples\/database\.saya$/,
    style: /^sphinx_saya\/static\/sphinx-saya\.css$/,
  })) {
    assert(names.some((name) => found.test(name)), `${what}: ${names.join(' ')}`);
  }
});
