// What many replicas cost in the page: `node bench/replicas.mjs`. bench/README.md says what is what.
// It measures the page in dist/, or in the folder that SAYA_DIST names.
import { start, watchedPage } from '../e2e/browser.mjs';
import { median } from './median.mjs';

const ROUNDS = 7;
const GOAL = 400;
const log = ({ replicas, nodes }) =>
  [
    'saya 1',
    'profile minikube-1.36',
    ...Array.from({ length: nodes - 1 }, (_, index) => `at 0 type 1 "saya node add worker-${index + 1}\\n"`),
    `at 60 type 1 "kubectl create deployment web --image=nginx:1.27 --replicas=${replicas} --port=80; kubectl expose deployment web\\n"`,
  ].join('\n') + '\n';

const ground = await start(process.env.SAYA_DIST);
const { page, open, context } = await watchedPage(ground);
await open('?lang=en#example/config-map'); // all of the program
const took = (text, until) =>
  page.evaluate(
    ([log, seconds]) => {
      const begin = performance.now();
      const replay = new window.wasmBindings.Replay(log, seconds);
      const spent = performance.now() - begin;
      replay.free();
      return spent;
    },
    [text, until],
  );
// From the command until all run; what comes before it is no part of it.
const text = log({ replicas: 1000, nodes: 10 });
const times = [];
for (let round = 0; round < ROUNDS; round++) times.push((await took(text, 120)) - (await took(text, 59)));
const middle = median(times);
console.log(`replicas-1000 ${middle.toFixed(0).padStart(6)} ms ${GOAL} ms ${(middle / GOAL).toFixed(2)}x   (${times.map((time) => time.toFixed(0)).join(', ')})`);
await context.close();
await ground.close();
