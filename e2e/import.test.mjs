// Clusters that come in: what kubectl printed of a real one, dropped and pasted.
import assert from 'node:assert/strict';
import { browserTest } from './harness.mjs';
import { hurry, terminal } from './hands.mjs';
import { POD, drop } from './share.mjs';

const WIDE = { viewport: { width: 1440, height: 900 }, locale: 'en-US' };
const pod = (page, name) => page.locator(`[data-id="pod/shop/${name}"]`);

const meta = (name, uid, more = {}) => ({ name, namespace: 'shop', uid, resourceVersion: '7', creationTimestamp: '2026-11-01T00:00:00Z', ...more });
const container = { name: 'web', image: 'nginx:1.26' };
const labels = { app: 'web' };
const DUMP = {
  apiVersion: 'v1',
  kind: 'List',
  items: [
    {
      apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: meta('web', 'rs-1', { labels }),
      spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [container] } } },
      status: { replicas: 1, readyReplicas: 1 },
    },
    {
      apiVersion: 'v1', kind: 'Pod',
      metadata: meta('web-abcde', 'pod-1', { labels, ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'rs-1', controller: true }] }),
      spec: { nodeName: 'worker-7', containers: [container] },
      status: { phase: 'Running', podIP: '10.244.3.9', containerStatuses: [{ name: 'web', ready: true, restartCount: 0, image: 'nginx:1.26', state: { running: { startedAt: '2026-11-01T00:00:03Z' } } }] },
    },
    { apiVersion: 'v1', kind: 'Secret', metadata: meta('password', 'secret-1'), type: 'Opaque', data: { word: 'c2VzYW1l' } },
    { apiVersion: 'example.com/v1', kind: 'Widget', metadata: meta('w', 'w-1') },
  ],
};

browserTest('a dropped cluster stands still, then is brought to life', WIDE, async ({ page, open, shot }) => {
  await open();
  await drop(page, [['cluster.json', JSON.stringify(DUMP)]]);
  await page.getByText('Objects: 3. The values of Secrets were dropped (1); their keys are there. Left out: 1 × Widget of example.com/v1.').waitFor();
  await shot('arrived');
  await page.getByRole('button', { name: 'Show it as it is' }).click();
  await pod(page, 'web-abcde').getByText('10.244.3.9', { exact: true }).waitFor();
  const shell = terminal(page);
  await hurry(page);
  await shell.type('kubectl get rs,pods,secrets -n shop');
  await shell.until(/replicaset\.apps\/web +2 +1 +1[^]*pod\/web-abcde +1\/1 +Running[^]*secret\/password +Opaque +1/);
  assert(!(await page.evaluate(() => JSON.stringify(localStorage))).includes('c2VzYW1l'), 'nobody has the value');
  await shot('frozen');
  await page.getByRole('button', { name: 'Bring it to life' }).click();
  await page.waitForFunction(() => document.querySelectorAll('[data-id^="pod/shop/web-"]').length === 2);
  await page.getByText('A picture of a real cluster').waitFor({ state: 'detached' });
  await terminal(page).type('kubectl wait -n shop --for=condition=Ready pod --all --timeout=60s');
  await terminal(page).until(/pod\/web-abcde condition met/);
  await shot('alive');
});

browserTest('a pasted cluster, and manifests that become files', WIDE, async ({ page, open }) => {
  await open();
  await page.locator('h1').click();
  await page.evaluate((text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', text);
    document.querySelector('h1').dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, JSON.stringify(DUMP, null, 2));
  await page.getByRole('button', { name: 'Bring it to life' }).click();
  await page.waitForFunction(() => document.querySelectorAll('[data-id^="pod/shop/web-"]').length === 2);
  await page.getByRole('button', { name: 'Start again' }).click();
  await drop(page, [['one.yml', POD('one')], ['two.yml', POD('two')]]);
  await page.getByRole('tab', { name: 'two.yml' }).waitFor();
  await page.getByRole('tab', { name: 'one.yml' }).waitFor();
  await drop(page, [['broken.yml', 'kind: Pod\nresourceVersion: [\n']]);
  await page.getByRole('alertdialog').getByText(/broken\.yml:\d+:\d+: /).waitFor();
});
