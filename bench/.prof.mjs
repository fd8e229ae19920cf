// What the figure costs in a browser: `node bench/page.mjs`, or with the names of some. bench/README.md says what is what.
// It measures the page in dist/, or in the folder that SAYA_DIST names.
import { start, watchedPage } from '/work/figure/e2e/browser.mjs';
import { terminal } from '/work/figure/e2e/hands.mjs';

/** In the page, before its program: every frame with how long it took, from the first callback until it is painted. */
function watchFrames() {
  const frames = [];
  const painted = new MessageChannel();
  const request = window.requestAnimationFrame.bind(window);
  let began = null;
  let drawn = false;
  window.requestAnimationFrame = (callback) =>
    request((at) => {
      if (began === null) {
        began = performance.now();
        // Its message comes when the browser has laid out and painted what the callbacks changed.
        painted.port2.postMessage(null);
      }
      callback(at);
    });
  painted.port1.onmessage = () => {
    frames.push({ drawn, took: performance.now() - began });
    began = null;
    drawn = false;
  };
  addEventListener('DOMContentLoaded', () => {
    const figure = () => document.querySelector('section.figure .camera > .group')?.parentNode;
    const look = setInterval(() => {
      if (!figure()) return;
      clearInterval(look);
      new MutationObserver(() => (drawn = true)).observe(figure(), { childList: true, subtree: true, attributes: true, attributeFilter: ['d', 'class', 'transform'] });
    }, 50);
  });
  window.bench = { frames, /** From a click until what it changed is painted. */ click: (element) =>
    new Promise((done) => {
      const at = performance.now();
      element.click();
      request(() => {
        painted.port2.postMessage(null);
        const channel = new MessageChannel();
        channel.port1.onmessage = () => done(performance.now() - at);
        channel.port2.postMessage(null);
      });
    }) };
}

const median = (times) => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? NaN;
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
  for (const [name, replicas] of ready) {
    await shell.type(`clear; kubectl rollout status deployment ${name} --timeout=300s`);
    await page.waitForFunction(
      (words) => document.querySelector('.terminal .lines')?.innerText.includes(words),
      `deployment "${name}" successfully rolled out`,
      { timeout: 240_000 },
    );
    void replicas;
  }
  await page.getByLabel('Speed').selectOption('1');
  await page.waitForTimeout(2_000);
  const frames = (act) => page.evaluate(() => (window.bench.frames.length = 0)).then(act).then(() => page.evaluate(() => window.bench.frames));
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
  await page.screenshot({ path: `/tmp/bench-${replicas}.png` });
  await context.close();
  const times = all.filter((frame) => frame.drawn).map((frame) => frame.took);
  return [median(times), `${times.length} frames, at most ${Math.max(...times).toFixed(0)} ms; others ${median(all.filter((frame) => !frame.drawn).map((frame) => frame.took)).toFixed(1)} ms`];
}

/** Time goes from before there was any Pod to when all run. */
async function first(ground, replicas) {
  const { page, context } = await filled(ground, deployment('web', replicas, NGINX) + SERVICE, [['web', replicas]]);
  await page.getByLabel('Pause').click();
  const times = [];
  for (let round = 0; round < 5; round++) {
    await page.getByLabel('Time', { exact: true }).fill('0');
    await page.waitForTimeout(1_500);
    times.push(await page.evaluate(() => window.bench.click(document.querySelector('button.end'))));
    await page.waitForTimeout(500);
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
  await page.screenshot({ path: `/tmp/bench-packets.png` });
  await context.close();
  const times = all.map((frame) => frame.took);
  const long = times.filter((time) => time > 50).length;
  return [Math.max(...times), `the longest of ${times.length} frames, ${long} over 50 ms; median ${median(times).toFixed(1)} ms; ${median(moving)} packets`];
}


const N=Number(process.argv[2]); const MODE=process.argv[3]||'change';
const ground = await start(process.env.SAYA_DIST);
let w;
if (MODE==='packets') {
  const client = "{name: client, image: busybox, command: [sh, -c, 'while true; do wget -q -O- web; sleep 1; done']}";
  const text = deployment('web', N / 2, NGINX)+'---\n'+deployment('client', N / 2, client)+SERVICE;
  w = await filled(ground, text, [['web', N / 2], ['client', N / 2]]);
} else w = await filled(ground, deployment('web', N, NGINX) + SERVICE, [['web', N]]);
const cdp = await w.context.newCDPSession(w.page);
await cdp.send('Profiler.enable'); await cdp.send('Profiler.setSamplingInterval',{interval:500});
await cdp.send('Profiler.start');
const all = await w.frames(async () => {
  if (MODE==='packets') { await w.page.waitForTimeout(6000); return; }
  for (let r=1;r<=4;r++){ await w.shell.type('kubectl scale deployment web --replicas='+(N+r%2)); await w.page.waitForTimeout(4000);} });
const {profile} = await cdp.send('Profiler.stop');
await w.page.screenshot({path:'/tmp/fig/prof-'+MODE+N+'.png'});
await ground.close();
const drawn = all.filter(f=>f.drawn).map(f=>f.took);
console.log('drawn', drawn.length, 'median', median(drawn), 'all', all.length, 'max', Math.max(...all.map(f=>f.took)), 'over50', all.filter(f=>f.took>50).length, 'med', median(all.map(f=>f.took)));
const nodes = new Map(profile.nodes.map(n=>[n.id,n])); const parent=new Map(); for(const n of profile.nodes) for(const c of n.children??[]) parent.set(c,n.id);
const self=new Map(), total=new Map(); profile.samples.forEach((id,i)=>{ const dt=profile.timeDeltas[i]/1000; const seen=new Set(); let k=nodes.get(id).callFrame.functionName; self.set(k,(self.get(k)??0)+dt); for(let n=id;n!==undefined;n=parent.get(n)){const f=nodes.get(n).callFrame.functionName; if(!seen.has(f)){seen.add(f); total.set(f,(total.get(f)??0)+dt);} } });
const top=(m,k)=>[...m].sort((a,b)=>b[1]-a[1]).slice(0,k).map(([f,t])=>t.toFixed(0).padStart(7)+'  '+f.slice(0,110)).join('\n');
console.log('TOTAL\n'+top(total,45)); console.log('SELF\n'+top(self,30));
