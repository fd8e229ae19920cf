// Finds an installed Chromium, Chrome or Edge; `node e2e/chrome.mjs` prints its path, or fails where there is none.
import { homedir } from 'node:os';
import { basename } from 'node:path';
import { installed, isProgram } from './installed.mjs';

const ON_PATH = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'microsoft-edge-stable', 'microsoft-edge'];
const MAC_APPS = ['Chromium', 'Google Chrome', 'Microsoft Edge'];

/** The path of the browser to test with: the environment's CHROME, else the first one installed, else null. */
export function chromePath() {
  const apps = ['', homedir()].flatMap((home) => MAC_APPS.map((app) => `${home}/Applications/${app}.app/Contents/MacOS/${app}`));
  return process.env.CHROME ?? installed(ON_PATH, apps);
}

if (basename(process.argv[1] ?? '') === 'chrome.mjs') {
  const path = chromePath();
  if (path === null || !isProgram(path)) process.exit(1);
  console.log(path);
}
