// The database story, typed by hand: apply, watch, exec, delete, a new IP under the old name, the arrows of the figure.
import assert from 'node:assert/strict';
import { browserTest } from './harness.mjs';
import { hurry, terminal } from './hands.mjs';

const WIDE = { viewport: { width: 1440, height: 900 }, locale: 'en-US' };

browserTest('the database story, from apply to the same name at another address', WIDE, async ({ page, open, shot }) => {
  await open();
  const shell = terminal(page);
  await shell.type('kubectl apply -f . && kubectl get pods -w');
  await shell.until(/deployment\.apps\/pma created\nstatefulset\.apps\/mysql created\nservice\/mysql created/);
  await shell.until(/mysql-0 +0\/1 +ContainerCreating/);
  await shell.until(/mysql-0 +1\/1 +Running/);
  await shell.until(/pma-\S+ +1\/1 +Running/);
  await shell.press('Control+c');
  await shell.until(/\^C\n/);
  await hurry(page);

  await shell.type('kubectl get svc');
  const [, clusterIp] = await shell.until(/mysql +ClusterIP +(10\.\S+) +<none> +3306\/TCP/);
  await shell.type('kubectl get pods -o wide');
  const [, before] = await shell.until(/mysql-0 +1\/1 +Running +0 +\S+ +(10\.1\.\S+) +docker-desktop/);

  await shell.type('kubectl exec statefulset/mysql -- cat /etc/hosts');
  await shell.until(new RegExp(`${before}\\s+mysql-0\\.mysql\\.default\\.svc\\.cluster\\.local\\s+mysql-0`));

  // The figure: the Pods, the volume, the Service with its address, the two arrows and the direct way.
  const figure = page.locator('.figure svg');
  await figure.locator('[data-id="pod/default/mysql-0"]').waitFor();
  await figure.locator('[data-id="volume/default/mysql-0/db"]').waitFor();
  assert.match(await figure.locator('[data-id="service/default/mysql"]').textContent(), new RegExp(clusterIp));
  assert.equal(await figure.locator('.connection.calls').count(), 1);
  assert.equal(await figure.locator('.connection.serves').count(), 1);
  assert.equal(await figure.locator('.connection.direct').count(), 1);
  await shot('story');

  await shell.type('kubectl delete pod mysql-0');
  await shell.until(/pod "mysql-0" deleted from default namespace/);
  await page.waitForFunction((old) => {
    const pod = document.querySelector('[data-id="pod/default/mysql-0"]');
    return pod && !pod.textContent.includes(old) && /10\.1\./.test(pod.textContent);
  }, before);
  await shell.type('clear');
  await shell.type('kubectl get pod mysql-0 -o wide');
  const [, after] = await shell.until(/mysql-0 +\d\/1 +\S+ +0 +\S+ +(10\.1\.\S+)/);
  assert.notEqual(after, before);

  await shell.type('kubectl apply -f ss-mysql.yml');
  await shell.until(/statefulset\.apps\/mysql configured/);
  await shell.type('kubectl delete -f .');
  await shell.until(/deployment\.apps "pma" deleted from default namespace/);
  await figure.locator('[data-id="service/default/mysql"]').waitFor({ state: 'detached' });
});

browserTest('an edited file is configured, an untouched one unchanged', WIDE, async ({ page, open }) => {
  await open();
  await hurry(page);
  const shell = terminal(page);
  await shell.type('kubectl apply -f svc-mysql.yml');
  await shell.until(/service\/mysql created/);
  await page.getByRole('tab', { name: 'svc-mysql.yml' }).click();
  const text = page.getByLabel('Contents of svc-mysql.yml');
  await page.locator('.cm-content').waitFor();
  await text.fill((await text.innerText()).replace('port: 3306', 'port: 3307'));
  await shell.type('kubectl apply -f svc-mysql.yml');
  await shell.until(/service\/mysql configured/);
  await shell.type('kubectl apply -f svc-mysql.yml');
  await shell.until(/service\/mysql unchanged/);
  await shell.type('cat svc-mysql.yml');
  await shell.until(/port: 3307/);
});

browserTest('what is wrong is said in the real tools\' own words', WIDE, async ({ page, open }) => {
  await open();
  const shell = terminal(page);
  await shell.type('kubectrl get pods');
  await shell.until(/bash: kubectrl: command not found/);
  await shell.type('kubectl apply -f nope.yml');
  await shell.until(/error: the path "nope\.yml" does not exist/);
  await shell.type("printf 'a: b\\n  c: d\\n' > broken.yml");
  await shell.type('kubectl apply -f broken.yml');
  await shell.until(/error: error parsing broken\.yml: error converting YAML to JSON: yaml: line 2: mapping values are not allowed in this context/);
});

browserTest('a second terminal watches while the first acts', WIDE, async ({ page, open, shot }) => {
  await open();
  await hurry(page);
  await page.getByLabel('Open another terminal').click();
  const [acts, watches] = [terminal(page, 1), terminal(page, 2)];
  await watches.type('kubectl get pods -w');
  await acts.type('kubectl apply -f ss-mysql.yml');
  await watches.until(/mysql-0 +1\/1 +Running/);
  await shot('two terminals');
});

browserTest('going back in time shows what was', WIDE, async ({ page, open }) => {
  await open();
  await hurry(page);
  const shell = terminal(page);
  await shell.type('kubectl apply -f .');
  const pod = page.locator('[data-id="pod/default/mysql-0"]');
  await pod.waitFor();
  await page.getByLabel('Pause').click();
  await page.getByLabel('Time', { exact: true }).fill('0');
  await pod.waitFor({ state: 'detached' });
  assert.doesNotMatch(await shell.text(), /created/);
});

for (const [language, name] of [['ja', '日本語'], ['ko', '한국어']]) {
  for (const scheme of ['light', 'dark']) {
    browserTest(`the page in ${name}, ${scheme}`, { viewport: { width: 1440, height: 900 }, locale: language, colorScheme: scheme }, async ({ page, open, shot }) => {
      await open();
      await page.getByRole('button', { name: 'kubectl apply -f .' }).click();
      await page.locator('[data-id="service/default/mysql"]').waitFor();
      assert.equal(await page.locator('html').getAttribute('lang'), language);
      await shot(`${language}-${scheme}`);
    });
  }
}

browserTest('the page on a telephone', { viewport: { width: 390, height: 844 }, locale: 'ja' }, async ({ page, open, shot }) => {
  await open();
  await page.getByRole('button', { name: 'kubectl apply -f .' }).click();
  await page.locator('[data-id="service/default/mysql"]').waitFor();
  await shot('telephone');
  await page.getByRole('button', { name: 'ファイル' }).click();
  await page.getByLabel('内容: ss-mysql.yml').waitFor();
  await shot('telephone files');
});

browserTest('explain fetches what the fields are for when it is first asked', WIDE, async ({ page, open, shot }) => {
  const fetched = [];
  page.on('request', (request) => fetched.push(new URL(request.url()).pathname));
  const asked = () => fetched.filter((path) => path.endsWith('/field-docs.json')).length;
  await open();
  const shell = terminal(page);
  await shell.type('kubectl get nodes');
  await shell.until(/docker-desktop +Ready/);
  assert.equal(asked(), 0);
  await shell.type('kubectl explain pod.spec.hostname');
  await shell.until(/FIELD: hostname <string>[^]*Specifies the hostname of the Pod/);
  await shell.type('kubectl explain svc.spec.clusterIP');
  await shell.until(/clusterIP is the IP address of the service/);
  assert.equal(asked(), 1);
  await shot('explained');
});

browserTest('explain without its file says so and nothing else is lost', WIDE, async ({ page, open, problems }) => {
  await page.route('**/field-docs.json', (route) => route.fulfill({ status: 404, body: '' }));
  await open();
  const shell = terminal(page);
  await shell.type('kubectl explain pod');
  await shell.until(/Saya could not load field-docs\.json/);
  await shell.type('kubectl get nodes');
  await shell.until(/docker-desktop +Ready/);
  // The browser itself tells of an answer that is no file.
  problems.splice(0);
});
