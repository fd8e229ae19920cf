import { start, watchedPage } from './browser.mjs';
import { terminal, hurry } from './hands.mjs';
const folder = process.argv[2]; const want = (process.argv[3] ?? '').split(',').filter(Boolean);
const ground = await start(folder);
const SIZES = { w: [1440, 900], m: [1024, 768], n: [390, 844] };
const states = {
  first: async () => {},
  story: async (page) => { await hurry(page); await page.getByRole('button', { name: 'kubectl apply -f .' }).click(); await page.locator('[data-id="service/default/mysql"]').waitFor(); await page.waitForTimeout(1500); },
  nodes: async (page, open) => { await open('?speed=1#example/two-nodes'); await page.waitForTimeout(1500); },
  lesson: async (page, open) => { await open('#lesson/cluster-ip'); await page.locator('.prose h2').first().waitFor(); await page.waitForTimeout(500); },
  names: async (page, open) => { await open('#lesson/names'); await page.locator('.prose h2').first().waitFor(); await page.waitForTimeout(500); },
  inspector: async (page) => { await states.story(page); await page.locator('[data-id="pod/default/mysql-0"]').locator('path').first().click(); await page.locator('.inspector').waitFor(); await page.waitForTimeout(300); },
  window: async (page) => { await states.story(page); await page.waitForTimeout(2500); const n = page.locator('.panels'); if (await n.isVisible()) await n.locator('button').nth(2).click(); await terminal(page).type('kubectl port-forward deploy/pma 8888:80'); await page.locator('[data-open]').first().click(); await page.frameLocator('.window iframe').locator('#input_username').waitFor(); await page.waitForTimeout(500); },
  start: async (page) => { const n = page.locator('.panels'); if (await n.isVisible()) await n.locator('button').nth(2).click(); await page.locator('.window-switch').click(); await page.waitForTimeout(500); },
};
for (const [size, [width, height]] of Object.entries(SIZES)) for (const [locale, colorScheme] of [['en-US', 'light'], ['ja', 'dark'], ['ko', 'light']]) for (const [name, go] of Object.entries(states)) {
  const tag = `${name}-${size}-${locale.slice(0, 2)}`;
  if (want.length && !want.some((w) => new RegExp(`^${w}$`).test(tag))) continue;
  const { page, open, context, problems } = await watchedPage(ground, { viewport: { width, height }, locale, colorScheme });
  try { await open(); await page.waitForTimeout(600); await go(page, open); } catch (e) { console.log(tag, String(e).slice(0, 300)); }
  await page.screenshot({ path: `/tmp/page/look/${tag}.png` });
  if (problems.length) console.log(tag, problems.slice(0, 3));
  await context.close();
}
await ground.close();
