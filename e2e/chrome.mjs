// Finds an installed Chromium, Chrome or Edge; `node e2e/chrome.mjs` prints its path, or fails where there is none.
import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { basename, delimiter, join } from 'node:path';

const ON_PATH = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'microsoft-edge-stable', 'microsoft-edge'];
const MAC_APPS = ['Chromium', 'Google Chrome', 'Microsoft Edge'];

/** The path of the browser to test with: the environment's CHROME, else the first one installed, else null. */
export function chromePath() {
  if (process.env.CHROME) return process.env.CHROME;
  const folders = (process.env.PATH ?? '').split(delimiter);
  const candidates = ON_PATH.flatMap((name) => folders.map((folder) => join(folder, name)));
  if (process.platform === 'darwin') {
    for (const home of ['', homedir()]) {
      candidates.push(...MAC_APPS.map((app) => `${home}/Applications/${app}.app/Contents/MacOS/${app}`));
    }
  }
  return candidates.find(isProgram) ?? null;
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

if (basename(process.argv[1] ?? '') === 'chrome.mjs') {
  const path = chromePath();
  if (path === null || !isProgram(path)) process.exit(1);
  console.log(path);
}
