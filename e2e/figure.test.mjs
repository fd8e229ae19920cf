// The figure: layers, lookups and connections over it, big clusters, words, files, and the cursor that points into it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { browserTest } from './harness.mjs';
import { faults, hurry, terminal } from './hands.mjs';

const WIDE = { viewport: { width: 1440, height: 900 }, locale: 'en-US' };

/** Applies the story and waits until both Pods are ready; time then passes as it does. */
async function story(page) {
  await hurry(page);
  await terminal(page).type('kubectl apply -f .');
  await page.locator('.mark.ready').nth(1).waitFor();
  await page.getByLabel('Speed').selectOption('1');
}

const layers = (page) => page.locator('.tools summary', { hasText: 'Layers' });

browserTest('a lookup goes from name to name, and time holds it', WIDE, async ({ page, open, shot }) => {
  await open();
  await story(page);
  const shell = terminal(page);
  await shell.type('kubectl exec deploy/pma -- getent hosts mysql.nowhere');
  await page.locator('.packet.ask').first().waitFor({ state: 'attached' });
  await page.locator('.packet.no').first().waitFor({ state: 'attached' });
  await page.getByLabel('Pause').click();
  const talks = page.locator('.talks');
  await talks.getByText('mysql.nowhere.default.svc.cluster.local').waitFor();
  await shot('lookup');
  assert.deepEqual(await faults(page), []);
  // Pausing freezes it, a step moves it on.
  const places = () => page.locator('.packet').evaluateAll((all) => all.map((one) => getComputedStyle(one).transform));
  const held = await places();
  await page.waitForTimeout(300);
  assert.deepEqual(await places(), held);
  await page.getByLabel('Play').click();
  await page.waitForFunction((before) => {
    const now = [...document.querySelectorAll('.packet')].map((one) => getComputedStyle(one).transform);
    return now.some((place) => !before.includes(place));
  }, held);
  await talks.locator('li.no', { hasText: 'NXDOMAIN' }).first().waitFor();
  await talks.locator('li.no', { hasText: 'mysql.nowhere.svc.cluster.local' }).waitFor();
  // Before it was asked, nobody had asked.
  await page.getByLabel('Time', { exact: true }).fill('0');
  await talks.waitFor({ state: 'detached' });
  assert.equal(await page.locator('.flight').count(), 0);
});

browserTest('a connection is rewritten, and one that fails says where and why', WIDE, async ({ page, open, shot }) => {
  await open();
  await story(page);
  const shell = terminal(page);
  await shell.type('kubectl exec deploy/pma -- curl -s -m 3 mysql:3306');
  await page.locator('.talks', { hasText: /10\.\d+\.\d+\.\d+:3306 → 10\.1\.\d+\.\d+:3306/ }).waitFor();
  await shot('connection');
  await shell.type('kubectl exec deploy/pma -- curl -s -m 3 mysql:3307');
  await page.locator('.stopped').first().waitFor();
  await page.locator('.talks .fails', { hasText: 'The Service has no such port: mysql 3307' }).waitFor();
  await shot('connection that fails');
  await page.getByRole('button', { name: 'Why?' }).last().click();
  assert.match(await page.locator('#line-1').inputValue(), /^saya trace pma-\S+ 10\.\S+:3307$/);
});

const CROWD = `apiVersion: apps/v1
kind: Deployment
metadata: {name: many}
spec:
  replicas: 20
  selector: {matchLabels: {app: many}}
  template:
    metadata: {labels: {app: many}}
    spec:
      containers:
        - {name: c, image: busybox, command: [sh, -c, 'while true; do wget -q -O- mysql:3306; sleep 1; done']}
`;

browserTest('what many do at once is a stream with its number, and one among them is seen', WIDE, async ({ page, open, shot }) => {
  await open();
  await story(page);
  const shell = terminal(page);
  for (const line of ['kubectl apply -f - <<EOF', ...CROWD.trimEnd().split('\n'), 'EOF']) {
    await page.getByLabel('Command line 1').fill(line);
    await page.keyboard.press('Enter');
  }
  await shell.type('kubectl rollout status deployment many');
  await shell.until(/successfully rolled out/);
  await page.locator('.talks .stream', { hasText: /:3306[^]*\b(1[5-9]|2\d)\/s/ }).waitFor();
  await page.locator('.rates b').first().waitFor();
  assert((await page.locator('.packet').count()) <= 60);
  await shot('streams');
  await shell.type('kubectl exec deploy/pma -- curl -s -m 3 mysql:3307');
  await page.locator('.talks .fails', { hasText: 'The Service has no such port: mysql 3307' }).waitFor();
  await shot('one among many');
});

browserTest('what goes on in the background is shown where that is wished', WIDE, async ({ page, open, shot }) => {
  await open();
  await layers(page).click();
  await page.getByLabel('Background').check();
  await layers(page).click();
  await terminal(page).type('kubectl apply -f .');
  const talks = page.locator('.talks');
  await talks.getByText('pull mysql:8').first().waitFor();
  await shot('image pull');
  await talks.getByText('mount db').first().waitFor();
  await page.locator('.packet', { hasText: /^mysql → 10\.1\.0\.\d+:3306$/ }).first().waitFor({ state: 'attached' });
  await shot('endpoints');
});

browserTest('who wants less motion gets numbered steps', { ...WIDE, reducedMotion: 'reduce' }, async ({ page, open, shot }) => {
  await open();
  await story(page);
  await terminal(page).type('kubectl exec deploy/pma -- getent hosts mysql');
  await page.locator('.number', { hasText: '2' }).first().waitFor();
  assert.equal(await page.locator('.packet').count(), 0);
  await shot('numbered steps');
});

browserTest('layers come and go', WIDE, async ({ page, open, shot }) => {
  await open();
  await story(page);
  const group = (id) => page.locator(`[data-id="${id}"]`);
  await layers(page).click();
  for (const [name, id] of [
    ['Owners', 'deployment/default/pma'],
    ['Claims, volumes', 'persistentvolumeclaim/default/db-mysql-0'],
    ['kube-system', 'service/kube-system/kube-dns'],
  ]) {
    assert.equal(await group(id).count(), 0);
    await page.getByLabel(name).check();
    await group(id).waitFor();
  }
  assert.deepEqual(await faults(page), []);
  await page.getByLabel('Labels and selectors').check();
  await group('service/default/mysql').getByText('selects app=mysql').waitFor();
  await layers(page).click();
  await shot('layers');
  await group('deployment/default/pma').locator('path').first().click();
  await page.locator('.inspector', { hasText: 'StrategyType' }).waitFor();
  await page.keyboard.press('Escape');
  await layers(page).click();
  await page.getByLabel('Owners').uncheck();
  await group('deployment/default/pma').waitFor({ state: 'detached' });
});

browserTest('many Pods are dots from afar and Pods when near', WIDE, async ({ page, open, shot }) => {
  await open();
  await terminal(page).type('kubectl create deployment web --image=nginx --replicas=90');
  await page.locator('.stack', { hasText: 'web × 90' }).waitFor();
  assert.equal(await page.locator('.group.pod').count(), 0);
  await shot('many');
  const zoom = page.getByLabel('Zoom in');
  while ((await page.locator('.group.pod').count()) === 0) await zoom.click();
  await page.locator('.minimap').waitFor();
  while ((await page.locator('.group.pod').count()) === 90) await zoom.click();
  assert((await page.locator('.group.pod').count()) > 0);
  await shot('near');
  await page.getByRole('button', { name: 'Fit' }).click();
  await page.locator('.minimap').waitFor({ state: 'detached' });
});

browserTest('the figure in words, and what is told of it', WIDE, async ({ page, open, shot }) => {
  await open();
  await story(page);
  assert.match(await page.locator('.said').textContent(), /(mysql-0|pma-\S+) is running, IP 10\.1\.0\.\d+/);
  await layers(page).click();
  await page.getByLabel('The figure in words').check();
  const words = page.locator('.outline');
  await words.getByText(/calls Service mysql on 3306\/tcp/).waitFor();
  assert.deepEqual(await faults(page), []);
  await shot('in words');
  await words.getByRole('button', { name: /^Pod mysql-0/ }).click();
  await page.locator('.inspector h2', { hasText: 'Pod mysql-0' }).waitFor();
});

browserTest('the figure is saved in every form', WIDE, async ({ page, open }) => {
  await open();
  await story(page);
  await page.locator('.tools summary', { hasText: 'Save the figure' }).click();
  const save = async (name) => {
    const download = page.waitForEvent('download');
    await page.locator('.tools').getByRole('button', { name, exact: true }).click();
    return readFileSync(await (await download).path());
  };
  const svg = (await save('SVG')).toString();
  assert.match(svg, /^<svg /);
  assert.match(svg, /<text[^>]*>mysql-0<\/text>/);
  assert.doesNotMatch(svg, /foreignObject/);
  const width = (png) => (assert.equal(png.toString('latin1', 1, 4), 'PNG'), png.readUInt32BE(16));
  const once = width(await save('PNG'));
  assert(Math.abs(width(await save('PNG 2×')) - 2 * once) <= 1);
  assert.match((await save('.drawio')).toString(), /<mxCell id="pod\/default\/mysql-0"[^>]*parent="node\/docker-desktop"/);
  assert.match((await save('.drawio.svg')).toString(), /<svg [^>]*content="&lt;mxfile/);
});

browserTest('what the cursor is in lights up in the figure', WIDE, async ({ page, open }) => {
  await open();
  await story(page);
  await page.locator('.cm-content').waitFor();
  await page.getByRole('tab', { name: 'svc-mysql.yml' }).click();
  await page.locator('.cm-line', { hasText: 'kind: Service' }).click();
  await page.locator('[data-id="service/default/mysql"].pointed').waitFor();
  await page.getByRole('tab', { name: 'deploy-pma.yml' }).click();
  await page.locator('.cm-line', { hasText: 'kind: Deployment' }).click();
  await page.locator('[data-id^="pod/default/pma-"].pointed').waitFor();
  assert.equal(await page.locator('.pointed').count(), 1);
});

browserTest('what is chosen in the figure lights up where it is written', WIDE, async ({ page, open, shot }) => {
  await open();
  await story(page);
  await page.locator('.cm-content').waitFor();
  await page.getByRole('tab', { name: 'ss-mysql.yml' }).click();
  await page.locator('[data-id="service/default/mysql"] text').first().click();
  await page.getByRole('tab', { name: 'svc-mysql.yml', selected: true }).waitFor();
  const lit = page.locator('.cm-line.cm-lit');
  await lit.filter({ hasText: 'kind: Service' }).waitFor();
  // A Pod is written where its owner is, a container in its own lines.
  await page.locator('[data-id^="container/default/pma-"] text').first().click();
  await page.getByRole('tab', { name: 'deploy-pma.yml', selected: true }).waitFor();
  await lit.filter({ hasText: 'image:' }).waitFor();
  assert.equal(await lit.filter({ hasText: 'kind: Deployment' }).count(), 0);
  assert.deepEqual(await faults(page), []);
  await shot('lit');
  await page.keyboard.press('Escape');
  await lit.first().waitFor({ state: 'detached' });
});

browserTest('a file is compared with what is there', WIDE, async ({ page, open, shot }) => {
  await open();
  await story(page);
  const shell = terminal(page);
  await page.getByRole('tab', { name: 'svc-mysql.yml' }).click();
  const code = page.locator('.cm-content');
  await code.waitFor();
  await code.fill((await code.innerText()).replace('port: 3306', 'port: 3307'));
  await shell.type('kubectl diff -f svc-mysql.yml');
  const compare = page.locator('section.compare');
  await compare.locator('.old', { hasText: 'port: 3306' }).waitFor();
  await compare.locator('.new', { hasText: 'port: 3307' }).waitFor();
  assert.deepEqual(await faults(page), []);
  await shot('compared');
  await compare.locator('select').selectOption('*last');
  await compare.locator('.head', { hasText: 'Service mysql' }).waitFor();
  await shell.type('kubectl apply -f svc-mysql.yml');
  await compare.getByText('No difference.').waitFor();
  await compare.getByLabel('Close').click();
  await compare.waitFor({ state: 'detached' });
});

browserTest('kubectl edit opens the object in the editor', WIDE, async ({ page, open, shot }) => {
  await open();
  await story(page);
  const shell = terminal(page);
  await shell.type('kubectl edit service mysql');
  const code = page.locator('.cm-content');
  await code.getByText('# Please edit the object below.').waitFor();
  await shot('edited');
  const text = (await code.innerText()).replace('port: 3306', 'port: 3310');
  await code.fill(text);
  await page.getByRole('button', { name: 'Save and close' }).click();
  await shell.until(/service\/mysql edited/);
  await shell.type('kubectl get service mysql');
  await shell.until(/3310\/TCP/);
  assert.equal(await page.getByRole('tab', { name: /kubectl-edit/ }).count(), 0);

  // What the server refuses comes back with the reason, and is not lost.
  await shell.type('kubectl edit service mysql');
  await code.getByText('port: 3310').waitFor();
  await code.fill((await code.innerText()).replace('port: 3310', 'port: 70000'));
  await page.getByRole('button', { name: 'Save and close' }).click();
  await shell.until(/error: services "mysql" is invalid/);
  await code.getByText('# services "mysql" was not valid:').waitFor();
  await code.getByText('port: 70000').waitFor();
  await shot('edit-refused');
  await page.getByRole('button', { name: 'Save and close' }).click();
  await shell.until(/A copy of your changes has been stored to "\/tmp\/kubectl-edit-\d+\.yaml"\s+error: Edit cancelled, no valid changes were saved\./);
  await shell.type('grep -c 70000 /tmp/kubectl-edit-*.yaml');
  await shell.until(/kubectl-edit-\*\.yaml\s+2/);
});

browserTest('files stand in a tree of folders, and saving applies where that is wished', WIDE, async ({ page, open, shot }) => {
  await open();
  await hurry(page);
  page.once('dialog', (dialog) => dialog.accept('pods/web.yml'));
  await page.getByLabel('New file').click();
  await page.getByLabel('Files as a tree').click();
  const tree = page.locator('.tree');
  await tree.locator('summary', { hasText: 'pods/' }).waitFor();
  await tree.getByRole('button', { name: 'svc-mysql.yml' }).click();
  await page.getByRole('tab', { name: 'svc-mysql.yml', selected: true }).waitFor();
  assert.deepEqual(await faults(page), []);
  await shot('tree');
  await tree.getByRole('button', { name: 'web.yml', exact: true }).click();
  await page.getByLabel('What to do with this file').click();
  await page.getByLabel('Apply on save').check();
  await page.getByLabel('What to do with this file').click();
  const code = page.locator('.cm-content');
  await code.waitFor();
  await code.fill('apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n    - name: web\n      image: nginx\n');
  await page.keyboard.press('Control+s');
  await terminal(page).until(/kubectl apply -f pods\/web\.yml\npod\/web created/);
});

browserTest('what the server added is faint in the live object', WIDE, async ({ page, open, shot }) => {
  await open();
  await story(page);
  await page.locator('[data-id="service/default/mysql"] text').first().click();
  const inspector = page.locator('.inspector');
  await inspector.getByRole('button', { name: 'YAML' }).click();
  await inspector.locator('.added', { hasText: 'clusterIP:' }).first().waitFor();
  assert.equal(await inspector.locator('.added', { hasText: /^ +app: mysql/ }).count(), 0);
  assert.deepEqual(await faults(page), []);
  await shot('live object');
});

browserTest('a port-forward comes in from outside', WIDE, async ({ page, open, shot }) => {
  await open();
  await story(page);
  await terminal(page).type('kubectl port-forward pod/mysql-0 13306:3306');
  await page.locator('[data-id="forwards/default/mysql-0"]', { hasText: '13306 → 3306' }).waitFor();
  await shot('port-forward');
  await terminal(page).press('Control+c');
  await page.locator('[data-id="forwards/default/mysql-0"]').waitFor({ state: 'detached' });
});
