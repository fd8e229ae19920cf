// The learner's browser: port-forwards, node ports, links and forms within the simulation, and nothing outside of it.
import assert from 'node:assert/strict';
import { browserTest } from './harness.mjs';
import { AWAIT_MYSQL, MYSQL_LISTENS, faults, hurry, terminal } from './hands.mjs';
import { fragment, share } from './share.mjs';

const WIDE = { viewport: { width: 1440, height: 900 }, locale: 'en-US' };
const inner = (page) => page.frameLocator('.window iframe');
const address = (page, words = 'Address') => page.locator('.window').getByLabel(words, { exact: true });

const WEB = `apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: {app: web}
spec:
  containers:
  - name: web
    image: nginx:1.27
    command: [sh, -c]
    args: ["mkdir -p /usr/share/nginx/html/sub; cd /usr/share/nginx/html; echo '<h1>One</h1><p><a href=sub/two.html>next</a> <a href=https://example.com/ target=_top>out</a></p><img src=/x.png onerror=parent.hit=1 alt=picture><script>parent.hit=1</script><iframe src=/y></iframe><link rel=stylesheet href=/z.css><style>@import url(/w.css); h1 { color: red; background: url(/v.png) }</style><form action=/sub/two.html><input name=q aria-label=q autofocus><button>go</button></form>' > index.html; echo '<title>Two</title><h1>Two</h1><a href=javascript:parent.hit=1>bad</a> <a href=..>up</a>' > sub/two.html; exec nginx -g 'daemon off;'"]
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  type: NodePort
  selector: {app: web}
  ports:
  - port: 80
    nodePort: 30080
`;

browserTest('phpMyAdmin through a port-forward: its login, its error, its databases', WIDE, async ({ page, open, shot }) => {
  await open();
  await hurry(page);
  const shell = terminal(page);
  await page.getByRole('button', { name: 'Browser', exact: true }).click();
  await page.getByText('Nothing can be opened yet.').waitFor();
  assert.deepEqual(await faults(page), []);
  await shell.type('kubectl apply -f .');
  await page.locator('.mark.ready').nth(1).waitFor();
  await shell.type(AWAIT_MYSQL);
  await shell.until(MYSQL_LISTENS);
  await shell.type('kubectl port-forward deploy/pma 8888:80');
  await page.locator('.window').getByRole('button', { name: 'http://localhost:8888/' }).waitFor();
  const width = async () => (await page.locator('.window').boundingBox()).width;
  const before = await width();
  const bar = page.getByRole('separator', { name: 'Width of the terminals' });
  await bar.focus();
  await page.keyboard.press('ArrowLeft');
  await page.waitForFunction((width) => document.querySelector('.window').offsetWidth > width + 5, before);
  const at = await bar.boundingBox();
  await page.mouse.move(at.x + 2, at.y + 40);
  await page.mouse.down();
  // Over the window's frame, which must not take the pointer away.
  await page.mouse.move(at.x + 90, at.y + 60, { steps: 3 });
  await page.mouse.up();
  await page.waitForFunction((width) => document.querySelector('.window').offsetWidth < width - 40, before);
  await shell.until(/Forwarding from 127\.0\.0\.1:8888 -> 80/);
  await page.getByRole('link', { name: '127.0.0.1:8888', exact: true }).click();
  await inner(page).getByText('Welcome to phpMyAdmin').waitFor();
  assert.equal(await address(page).inputValue(), 'http://localhost:8888/');
  await shell.until(/Handling connection for 8888/);
  await shot('login');
  const log = async (server, password) => {
    await inner(page).locator('#serverNameInput').fill(server);
    await inner(page).locator('#input_username').fill('myuser');
    await inner(page).locator('#input_password').fill(password);
    await page.keyboard.press('Enter');
  };
  await log('mysql', 'wrong');
  await inner(page).getByText(/Access denied for user 'myuser'@/).waitFor();
  await shot('denied');
  await log('mysq', 'mypassword');
  await inner(page).getByText(/php_network_getaddresses|getaddrinfo/).first().waitFor();
  await log('mysql', 'mypassword');
  await inner(page).getByRole('link', { name: 'mydb' }).first().waitFor();
  await shot('databases');
  assert.deepEqual(await faults(page), []);
  await inner(page).getByRole('link', { name: 'mydb' }).first().click();
  await page.waitForFunction(() => /db=mydb/.test(document.querySelector('.window input').value));
  await page.getByRole('button', { name: 'Back', exact: true }).click();
  await page.waitForFunction(() => !/db=mydb/.test(document.querySelector('.window input').value));
  await page.getByRole('button', { name: 'Reload', exact: true }).click();
  await inner(page).getByRole('link', { name: 'mydb' }).first().waitFor();
  // Its pages are the simulation's: they are there after a reload, and are taken back like everything else.
  await page.waitForTimeout(1_500);
  await page.reload();
  await inner(page).getByRole('link', { name: 'mydb' }).first().waitFor();
  // What runs is there, too: the forward goes on.
  await page.getByRole('button', { name: 'Reload', exact: true }).click();
  await shell.until(/(Handling connection for 8888\s+){8}/);
  await page.locator('.window .page.loading').waitFor({ state: 'detached' });
  // When it ends, nobody answers.
  await shell.press('Control+c');
  await address(page).fill('localhost:8888');
  await page.keyboard.press('Enter');
  await page.getByText(/Failed to connect to localhost/).waitFor();
  await shot('refused');
  assert.deepEqual(await faults(page), []);
  await page.locator('h1').click();
  await page.keyboard.press('Control+z');
  await inner(page).getByRole('link', { name: 'mydb' }).first().waitFor();
});

browserTest('a page links, sends and shows, and can do nothing else', WIDE, async ({ page, open, shot }) => {
  const text = share({ 'web.yml': WEB }, [[0.1, 'kubectl apply -f .']], [], 'minikube-1.36');
  await open(`?speed=10#${fragment(text)}`);
  const shell = terminal(page);
  await shell.until(/service\/web created/);
  await page.locator('.mark.ready').first().waitFor();
  await shell.type('minikube service web --url');
  await page.getByRole('link', { name: 'http://192.168.49.2:30080' }).press('Enter');
  await inner(page).getByRole('heading', { name: 'One' }).waitFor();
  await shot('page');
  await inner(page).getByText('picture').waitFor();
  await inner(page).getByRole('link', { name: 'next' }).click();
  await inner(page).getByRole('heading', { name: 'Two' }).waitFor();
  assert.equal(await address(page).inputValue(), 'http://192.168.49.2:30080/sub/two.html');
  await inner(page).getByRole('link', { name: 'bad' }).click();
  await inner(page).getByRole('link', { name: 'up' }).click();
  await inner(page).getByRole('heading', { name: 'One' }).waitFor();
  await inner(page).getByLabel('q').fill('a b&c');
  await inner(page).getByRole('button', { name: 'go' }).click();
  await inner(page).getByRole('heading', { name: 'Two' }).waitFor();
  assert.equal(await address(page).inputValue(), 'http://192.168.49.2:30080/sub/two.html?q=a+b%26c');
  await address(page).fill('192.168.49.2:30080/none');
  await page.keyboard.press('Enter');
  await inner(page).getByText('404 Not Found').first().waitFor();
  assert.equal(await page.evaluate(() => window.hit), undefined);
  assert.equal(await page.locator('iframe').getAttribute('sandbox'), 'allow-same-origin allow-forms');
});

for (const [device, viewport] of [['laptop', { width: 1440, height: 900 }], ['tablet', { width: 1024, height: 768 }], ['telephone', { width: 390, height: 844 }]]) {
  for (const [locale, colorScheme, words] of [['ja', 'dark', { tab: 'ターミナル', login: 'ログイン' }], ['ko', 'light', { tab: '터미널', login: '로그인' }]]) {
    browserTest(`the browser on a ${device}, ${locale}, ${colorScheme}`, { viewport, locale, colorScheme }, async ({ page, open, shot }) => {
      await open('?speed=10');
      if (device === 'telephone') await page.locator('.panels').getByRole('button', { name: words.tab }).click();
      await page.locator('#line-1').fill('kubectl apply -f .');
      await page.locator('#line-1').press('Enter');
      await page.locator('.mark.ready').nth(1).waitFor({ state: 'attached' });
      await page.locator('#line-1').fill('kubectl port-forward deploy/pma 8888:80');
      await page.locator('#line-1').press('Enter');
      await page.locator('[data-open]').first().click();
      await inner(page).locator('#input_username').waitFor();
      assert.match(await inner(page).locator('body').innerText(), new RegExp(words.login));
      await shot(`${device}-${locale}`);
      assert.deepEqual(await faults(page), []);
      if (device === 'telephone') {
        assert.equal(await page.locator('.terminals').isVisible(), false);
        await page.locator('.panels').getByRole('button', { name: words.tab }).click();
        await page.locator('#line-1').waitFor();
      }
    });
  }
}
