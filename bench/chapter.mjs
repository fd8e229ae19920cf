// What opening a chapter costs in a browser: `node bench/chapter.mjs`, or with the names of some. bench/README.md says what is what.
// It measures the page in dist/, or in the folder that SAYA_DIST names.
import { start, watchedPage } from '../e2e/browser.mjs';
import { median } from './median.mjs';

const GOAL = 100;
const milliseconds = (time) => `${time.toFixed(1).padStart(7)} ms`;

/** In the page: opens a chapter, and waits until it stands there and was painted. Marks where that begins and ends. */
async function openChapter(name) {
  const painted = () =>
    new Promise((done) => {
      const channel = new MessageChannel();
      channel.port1.onmessage = done;
      requestAnimationFrame(() => channel.port2.postMessage(null));
    });
  await new Promise((done) => setTimeout(done, 1_500));
  const before = document.querySelector('.prose > *');
  performance.mark('begin');
  const began = performance.now();
  location.hash = `lesson/${name}`;
  await new Promise((done) => {
    const there = () => {
      const heading = document.querySelector('.prose h2');
      if (heading && document.querySelector('.prose > *') !== before) done();
      return heading;
    };
    new MutationObserver(there).observe(document.body, { childList: true, subtree: true });
  });
  await painted();
  performance.mark('end');
  return performance.now() - began;
}

const wanted = process.argv.slice(2);
const ground = await start(process.env.SAYA_DIST);
try {
  const { page, open, context } = await watchedPage(ground, { viewport: { width: 1440, height: 900 }, locale: 'en-US' });
  await open();
  await page.getByRole('button', { name: 'Course' }).first().click();
  await page.locator('.chapter').first().waitFor();
  const links = await page.locator('.chapter').evaluateAll((all) => all.map((link) => link.getAttribute('href').split('/')[1]));
  for (const name of wanted.length > 0 ? wanted : links) {
    const [clock, processor] = [[], []];
    for (let round = 0; round < 5; round++) {
      await page.evaluate(() => (location.hash = ''));
      await open();
      await ground.browser.startTracing(page, { categories: ['blink.user_timing'] });
      clock.push(await page.evaluate(openChapter, name));
      const trace = JSON.parse(await ground.browser.stopTracing());
      const mark = (wanted) => trace.traceEvents.find((event) => event.cat === 'blink.user_timing' && event.name === wanted);
      processor.push((mark('end').tts - mark('begin').tts) / 1e3);
    }
    const took = median(processor);
    console.log(`${name.padEnd(22)}${milliseconds(took)} ${String(GOAL).padStart(5)} ms ${(took / GOAL).toFixed(2).padStart(6)}x   by the clock ${milliseconds(median(clock))} (${clock.map((time) => time.toFixed(0)).join(', ')})`);
  }
  await context.close();
} finally {
  await ground.close();
}
