// What the figure costs in a browser: `node bench/page.mjs`, or with the names of some. bench/README.md says what is what.
// It measures the page in dist/, or in the folder that SAYA_DIST names.
import { start, watchedPage } from '../e2e/browser.mjs';
import { terminal } from '../e2e/hands.mjs';
import { median } from './median.mjs';

/** In the page, before its program: marks where each frame begins, and where it is painted. */
function watchFrames() {
  const painted = new MessageChannel();
  const request = window.requestAnimationFrame.bind(window);
  let open = false;
  let drawn = false;
  const begin = () => {
    open = true;
    performance.mark('begin');
  };
  window.requestAnimationFrame = (callback) =>
    request((at) => {
      if (!open) begin();
      // Its message comes when the browser has laid out and painted what the callbacks changed.
      painted.port2.postMessage(null);
      callback(at);
    });
  painted.port1.onmessage = () => {
    if (open) performance.mark(drawn ? 'drawn' : 'painted');
    open = drawn = false;
  };
  addEventListener('DOMContentLoaded', () => {
    const look = setInterval(() => {
      const figure = document.querySelector('section.figure .camera > .group')?.parentNode;
      if (!figure) return;
      clearInterval(look);
      new MutationObserver(() => (drawn = true)).observe(figure, { childList: true, subtree: true, attributes: true, attributeFilter: ['d', 'class', 'transform'] });
    }, 50);
  });
  /** A click, as the beginning of the next frame. */
  window.clickAndDraw = (element) => {
    begin();
    element.click();
  };
}

const milliseconds = (time) => `${time.toFixed(1).padStart(9)} ms`;

function deployment(name, replicas, container) {
  return `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ${name}}\nspec:\n  replicas: ${replicas}\n  selector: {matchLabels: {app: ${name}}}
  template:\n    metadata: {labels: {app: ${name}}}\n    spec: {containers: [${container}]}\n`;
}
const NGINX = "{name: web, image: 'nginx:1.27', ports: [{containerPort: 80}]}";
const SERVICE = '---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n';

/** A page with these Pods in it, all running, and what measures it. */
async function filled(ground, text, ready) {
  const watched = await watchedPage(ground, { viewport: { width: 1440, height: 900 } });
  watched.context.setDefaultTimeout(60_000);
  const { page, open } = watched;
  await page.addInitScript(watchFrames);
  await open();
  const shell = terminal(page);
  const count = ready.reduce((sum, [, replicas]) => sum + replicas, 0);
  const nodes = Math.ceil((count + 10) / 100);
  await page.getByLabel('Speed').selectOption('10');
  for (let node = 1; node < nodes; node++) await shell.type(`saya node add n${node}`);
  const lines = ['cat > all.yml <<EOF', ...text.trimEnd().split('\n'), 'EOF', 'kubectl apply -f all.yml'];
  for (const line of lines) {
    await page.getByLabel('Command line 1').fill(line);
    await page.keyboard.press('Enter');
  }
  for (const [name] of ready) {
    await shell.type(`clear; kubectl rollout status deployment ${name} --timeout=300s`);
    await page.waitForFunction(
      (words) => document.querySelector('.terminal .lines')?.innerText.includes(words),
      `deployment "${name}" successfully rolled out`,
      { timeout: 240_000 },
    );
  }
  await page.getByLabel('Speed').selectOption('1');
  await page.waitForTimeout(2_000);
  /** The frames while something is done: whether the figure changed in each, and its time of the processor and of the clock. */
  const frames = async (act) => {
    await ground.browser.startTracing(page, { categories: ['blink.user_timing'] });
    await act();
    const trace = JSON.parse(await ground.browser.stopTracing());
    const marks = trace.traceEvents.filter((event) => event.cat === 'blink.user_timing' && /^(begin|drawn|painted)$/.test(event.name));
    const all = [];
    marks.sort((a, b) => a.ts - b.ts);
    for (const [at, end] of marks.entries()) {
      const start = marks[at - 1];
      if (end.name === 'begin' || start?.name !== 'begin') continue;
      all.push({ drawn: end.name === 'drawn', took: (end.tts - start.tts) / 1e3, passed: (end.ts - start.ts) / 1e3 });
    }
    return all;
  };
  return { ...watched, shell, frames };
}

/** Pods come and go: what the frames cost in which the figure changed. */
async function changes(ground, replicas) {
  const { page, shell, frames, context } = await filled(ground, deployment('web', replicas, NGINX) + SERVICE, [['web', replicas]]);
  const all = await frames(async () => {
    for (let round = 1; round <= 6; round++) {
      await shell.type(`kubectl scale deployment web --replicas=${replicas + (round % 2)}`);
      await page.waitForTimeout(4_000);
    }
  });
  await context.close();
  const drawn = all.filter((frame) => frame.drawn);
  const times = drawn.map((frame) => frame.took);
  return [median(times), `${drawn.length} frames, at most ${Math.max(...times).toFixed(0)} ms; by the clock ${median(drawn.map((frame) => frame.passed)).toFixed(0)} ms`];
}

/** Time goes from before there was any Pod to when all run: to a state that was kept, so that nothing is lived through again. */
async function first(ground, replicas) {
  const { page, frames, context } = await filled(ground, deployment('web', replicas, NGINX) + SERVICE, [['web', replicas]]);
  // A state is kept every ten seconds.
  await page.getByLabel('Speed').selectOption('10');
  await page.waitForTimeout(3_000);
  await page.getByLabel('Pause').click();
  const times = [];
  for (let round = 0; round < 5; round++) {
    await page.getByLabel('Time', { exact: true }).fill('0');
    await page.waitForTimeout(1_500);
    const all = await frames(async () => {
      await page.evaluate(() => window.clickAndDraw(document.querySelector('button.end')));
      await page.waitForTimeout(1_500);
    });
    times.push(Math.max(...all.filter((frame) => frame.drawn).map((frame) => frame.took)));
  }
  await context.close();
  return [median(times), `of ${times.map((time) => time.toFixed(0)).join(', ')}`];
}

/** As many packets as are shown at once, among so many Pods. */
async function packets(ground, replicas) {
  const client = "{name: client, image: busybox, command: [sh, -c, 'while true; do wget -q -O- web; sleep 1; done']}";
  const text = `${deployment('web', replicas / 2, NGINX)}---\n${deployment('client', replicas / 2, client)}${SERVICE}`;
  const { page, frames, context } = await filled(ground, text, [['web', replicas / 2], ['client', replicas / 2]]);
  await page.waitForTimeout(3_000);
  const moving = [];
  const all = await frames(async () => {
    for (let second = 0; second < 10; second++) {
      await page.waitForTimeout(1_000);
      moving.push(await page.locator('.packet').count());
    }
  });
  await context.close();
  const times = all.map((frame) => frame.took);
  const clock = all.map((frame) => frame.passed);
  const long = times.filter((time) => time > 50).length;
  return [Math.max(...times), `the longest of ${times.length} frames, ${long} over 50 ms; median ${median(times).toFixed(1)} ms; by the clock ${median(clock).toFixed(1)}, at most ${Math.max(...clock).toFixed(0)} ms; ${median(moving)} packets`];
}

/** So many Pods that ask a Service once a second: what each second costs, whatever of it the figure shows. */
async function traffic(ground, clients) {
  const client = "{name: client, image: busybox, command: [sh, -c, 'while true; do wget -q -O- http://web; sleep 1; done']}";
  const text = `${deployment('web', 2, NGINX)}---\n${deployment('client', clients, client)}${SERVICE}`;
  const { page, frames, context } = await filled(ground, text, [['web', 2], ['client', clients]]);
  const session = await context.newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const busy = async () => (await session.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration').value;
  const before = await busy();
  await page.waitForTimeout(10_000);
  const thread = ((await busy()) - before) * 100;
  const all = await frames(() => page.waitForTimeout(10_000));
  await context.close();
  const times = all.map((frame) => frame.took);
  const sum = times.reduce((one, other) => one + other, 0);
  return [sum / 10, `of each second, in ${times.length} frames of ${median(times).toFixed(1)} ms; all tasks of the page's thread: ${thread.toFixed(0)} ms of each second`];
}

const BENCHES = {
  'change-100': [(ground) => changes(ground, 100), 16],
  'change-1000': [(ground) => changes(ground, 1_000), 50],
  'first-1000': [(ground) => first(ground, 1_000), 100],
  'packets-50': [(ground) => packets(ground, 200), 50],
  'traffic-100': [(ground) => traffic(ground, 100), 50],
  'change-5000': [(ground) => changes(ground, 5_000), 250],
};

const wanted = process.argv.slice(2);
const ground = await start(process.env.SAYA_DIST);
try {
  for (const [name, [run, goal]] of Object.entries(BENCHES)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const [took, words] = await run(ground);
    console.log(`${name.padEnd(14)}${milliseconds(took)} ${String(goal).padStart(6)} ms ${(took / goal).toFixed(2).padStart(7)}x   ${words}`);
  }
} finally {
  await ground.close();
}
