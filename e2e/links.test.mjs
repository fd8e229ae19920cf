// Links: made, opened, refused; what is kept while strangers' work is looked at; files in and out.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';
import { browserTest } from './harness.mjs';
import { command, hurry, terminal } from './hands.mjs';
import { POD, drop, fragment, share } from './share.mjs';

const WIDE = { viewport: { width: 1440, height: 900 }, locale: 'en-US' };
const pod = (page, name) => page.locator(`[data-id="pod/default/${name}"]`);
const kept = (page) => page.evaluate(() => localStorage.getItem('saya.work'));
const openShare = (page) => page.getByRole('button', { name: 'Share', exact: true }).click();
const dialog = (page) => page.locator('dialog.modal');
const link = (page) => page.getByLabel('Link', { exact: true });
const textOf = (address) => inflateRawSync(Buffer.from(address.split('#s=1.')[1].split('.')[0], 'base64url')).toString();

browserTest('what is shared opens elsewhere as it was', WIDE, async ({ page, open, context, shot }) => {
  await open();
  await hurry(page);
  const shell = terminal(page);
  await shell.type('kubectl apply -f .');
  await page.locator('.mark.ready').nth(1).waitFor();
  const ip = (await pod(page, 'mysql-0').textContent()).match(/10\.1\.\d+\.\d+/)[0];
  await openShare(page);
  await dialog(page).waitFor();
  const address = await link(page).inputValue();
  assert(address.length < 1_700, `${address.length} characters`);
  assert.match(textOf(address), /kubectl apply -f \.[^]*\ntime /);
  await shot('dialog');
  await page.getByLabel('Only the files').check();
  await page.waitForFunction((before) => document.querySelector('textarea.link').value !== before, address);
  assert.doesNotMatch(textOf(await link(page).inputValue()), /kubectl/);
  await page.keyboard.press('Escape');
  await dialog(page).waitFor({ state: 'detached' });

  const other = await context.newPage();
  await other.goto(address);
  await pod(other, 'mysql-0').getByText(ip, { exact: true }).waitFor();
  await terminal(other).until(/kubectl apply -f \.\n[^]*service\/mysql created/);
  await other.getByRole('button', { name: 'Play', exact: true }).waitFor();
});

browserTest('a link that is damaged, cut or newer says which', WIDE, async ({ page, open, shot, problems }) => {
  const whole = fragment(share({ 'a.yml': POD('a') }));
  const at = 20;
  const other = whole[at] === 'A' ? 'B' : 'A';
  for (const [bad, says] of [
    [`${whole.slice(0, at)}${other}${whole.slice(at + 1)}`, /this link is damaged/],
    [whole.slice(0, 60), /this link is cut: its end is missing/],
    [whole.replace('s=1.', 's=2.'), /a newer Saya made this link: its version is 2/],
    [fragment('saya 1\nview <img src=x onerror=alert(1)>\n'), /its text has a fault in line 2/],
    [fragment('saya 1\nprofile nowhere\n'), /no profile is called "nowhere"/],
    [fragment(' '.repeat(40_000_000)), /holds more than 1000000 bytes/],
  ]) {
    await page.goto('about:blank');
    await open(`#${bad}`);
    const alert = page.getByRole('alertdialog');
    await alert.getByText(says).waitFor();
    assert.equal(await page.locator('img').count(), 0);
    if (String(says).includes('cut')) await shot('cut');
    await alert.getByRole('button', { name: 'Go on without it' }).click();
    await alert.waitFor({ state: 'detached' });
  }
  assert.deepEqual(problems, []);
});

browserTest('opening a link loses no work', WIDE, async ({ page, open }) => {
  await open();
  await hurry(page);
  await terminal(page).type('kubectl create namespace mine');
  await terminal(page).until(/namespace\/mine created/);
  await page.waitForFunction(() => localStorage.getItem('saya.work')?.includes('mine'));
  // In the same tab, by another fragment.
  await page.evaluate((hash) => (location.hash = hash), fragment(share({ 'a.yml': POD('theirs') }, [[1, 'kubectl apply -f a.yml']])));
  await pod(page, 'theirs').waitFor();
  assert.match(await kept(page), /mine/);
  // Loaded again it is still theirs, and what is kept still mine.
  await page.reload();
  await pod(page, 'theirs').waitFor();
  assert.match(await kept(page), /mine/);
  await terminal(page).type('kubectl create namespace both');
  await page.getByText('A copy of what was there is kept.').waitFor();
  await terminal(page).until(/namespace\/both created/);
  assert.equal(await page.evaluate(() => location.hash), '');
  await page.waitForFunction(() => localStorage.getItem('saya.work')?.includes('both'));
  await page.reload();
  await pod(page, 'theirs').waitFor();
  await page.locator('h1').click();
  await command(page, 'bring back');
  await terminal(page).until(/namespace\/mine created/);
});

browserTest('a long link warns, and a file stands in for it', WIDE, async ({ page, open, shot }) => {
  await open();
  const noise = Array.from({ length: 120 }, (_, n) => `# ${(n * 7919 * 104729) % 999983} ${Math.sin(n).toString(36)} ${Math.cos(n * 3).toString(36)}`).join('\n');
  await page.locator('.cm-content').fill(`${noise}\n`);
  await terminal(page).type('echo shared');
  await terminal(page).until(/\nshared/);
  await openShare(page);
  await page.getByText(/too long for Slack, which cuts at 4,000/).waitFor();
  await shot('too long');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save as a file' }).click();
  const file = await download;
  assert.equal(file.suggestedFilename(), 'cluster.saya');
  const text = readFileSync(await (await file).path(), 'utf8');
  assert.match(text, /^saya 1\n[^]*echo shared/);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Start again' }).click();
  await drop(page, [['cluster.saya', text]]);
  await terminal(page).until(/\nshared/);
  await drop(page, [['cluster.saya', text.replace('saya 1', 'saya 3')]]);
  await page.getByRole('alertdialog').getByText(/version 3, newer than this program/).waitFor();
});

browserTest('it goes to a real cluster in four ways', WIDE, async ({ page, open }) => {
  await open(`#${fragment(share({ 'a.yml': POD('a') }, [[1, 'kubectl apply -f a.yml']], ['time 9'], 'kind'))}`);
  await pod(page, 'a').waitFor();
  await openShare(page);
  await page.getByText('Take it to a real cluster').click();
  for (const [name, file, holds] of [
    ['All manifests (YAML)', 'saya.yaml', /# a\.yml\n---\napiVersion: v1/],
    ['All files (zip)', 'saya.zip', /a\.yml/],
    ['Script for saya run', 'saya-run.sh', /--profile kind[^]*cat > 'a\.yml' <<'EOF'[^]*\nkubectl apply -f a\.yml\n/],
    ['kind and a shell script (zip)', 'saya-kind.zip', /kind\.yaml[^]*- role: worker\n- role: worker\n[^]*play\.sh[^]*kind create cluster/],
  ]) {
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name }).click();
    assert.equal((await download).suggestedFilename(), file);
    assert.match(readFileSync(await (await download).path(), 'latin1'), holds);
  }
});

browserTest('the address chooses language, look, speed, profile and example', WIDE, async ({ page, open, problems }) => {
  await open('?lang=ja&theme=dark&speed=5&profile=kind');
  await page.getByText('kind · ノード 3 台').waitFor();
  assert.deepEqual(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dataset.theme]), ['ja', 'dark']);
  assert.equal(await page.getByLabel('速度').or(page.getByLabel('速さ')).inputValue(), '5');
  await page.goto('about:blank');
  await open('?lang=en&speed=10#example/config-map');
  await terminal(page).until(/Good morning!/);
  await page.goto('about:blank');
  await open('?lang=en#example/none-of-it');
  await page.getByRole('alertdialog').getByText('There is no example named none-of-it.').waitFor();
  // The browser says itself that there is no such file.
  assert.equal(problems.splice(0).filter((problem) => !problem.includes('404')).length, 0);
});

browserTest('a hostile link neither runs a script nor stops the page', WIDE, async ({ page, open }) => {
  const files = {
    'a.yml': POD('"<img src=x onerror=alert(1)>"'),
    '<script>alert(2)</script>.yml': '<script>alert(3)</script>\n',
  };
  const each = 'apiVersion: batch/v1\nkind: CronJob\nmetadata:\n  name: c\nspec:\n  schedule: "* * * * *"\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          restartPolicy: Never\n          containers:\n          - name: c\n            image: busybox:1.36\n';
  const text = share({ ...files, 'c.yml': each }, [[1, 'kubectl apply -f .'], [2, 'echo "<b id=hostile>"'], [3, 'while true; do echo $((i++)); done']], ['time 30000000']);
  page.on('dialog', (dialog) => assert.fail(dialog.message()));
  await open(`#${fragment(text)}`);
  // A year ahead is a long way: the page lives on it, and stops where it is told to.
  await page.getByText(/On the way to/).waitFor();
  await page.getByRole('button', { name: 'Stop here' }).click();
  await page.getByText(/On the way to/).waitFor({ state: 'detached' });
  assert.equal(await page.locator('#hostile, img').count(), 0);
  await page.getByRole('button', { name: 'Start again' }).click();
  await page.getByRole('button', { name: /Play the story/ }).waitFor();
});

browserTest('the policy is strict', WIDE, async ({ page, open, problems }) => {
  await open();
  const policy = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content');
  assert.match(policy, /default-src 'self'; script-src 'self' 'wasm-unsafe-eval';/);
  const refused = await page.evaluate(async () => {
    const seen = [];
    addEventListener('securitypolicyviolation', (event) => seen.push(event.effectiveDirective));
    const script = document.createElement('script');
    script.textContent = 'window.ran = true';
    document.body.append(script);
    const image = new Image();
    image.src = 'https://elsewhere.invalid/x.png';
    await fetch('https://elsewhere.invalid/').catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 200));
    return [window.ran, ...seen.sort()];
  });
  assert.deepEqual(refused, [undefined, 'connect-src', 'img-src', 'script-src-elem'].map((one) => one ?? undefined));
  problems.splice(0);
});

for (const [locale, colorScheme, viewport] of [
  ['ja', 'dark', { width: 1440, height: 900 }],
  ['ko', 'light', { width: 390, height: 844 }],
]) {
  browserTest(`the dialog in ${locale}, ${colorScheme}`, { viewport, locale, colorScheme }, async ({ page, open, shot }) => {
    await open();
    await page.locator('.bar .share').click();
    await dialog(page).waitFor();
    await page.locator('details summary').last().click();
    await shot(`dialog ${locale} ${colorScheme}`);
  });
}
