// The workbench: terminals, time, inspector, editor, files, what is kept, layout, palette.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { browserTest } from './harness.mjs';
import { command, faults, hurry, terminal } from './hands.mjs';

const WIDE = { viewport: { width: 1440, height: 900 }, locale: 'en-US' };
const line = (page, number = 1) => page.locator(`#line-${number}`);
const pod = (page) => page.locator('[data-id="pod/default/mysql-0"]');

browserTest('a line is edited as in a shell', WIDE, async ({ page, open }) => {
  await open();
  const shell = terminal(page);
  await shell.type('echo one');
  await shell.type('echo two');
  await shell.until(/\ntwo/);
  const field = line(page);
  const value = () => field.inputValue();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  assert.equal(await value(), 'echo one');
  await page.keyboard.press('ArrowDown');
  assert.equal(await value(), 'echo two');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('time ');
  assert.equal(await value(), 'time echo two');
  await page.keyboard.press('Control+e');
  await page.keyboard.press('Control+w');
  assert.equal(await value(), 'time echo ');
  await page.keyboard.press('Control+u');
  assert.equal(await value(), '');
  await page.keyboard.press('Control+y');
  assert.equal(await value(), 'time echo ');
  await page.keyboard.press('Home');
  await page.keyboard.press('Control+k');
  assert.equal(await value(), '');
  await page.keyboard.press('Control+r');
  await page.keyboard.type('one');
  await page.locator('.found', { hasText: 'echo one' }).waitFor();
  await page.keyboard.press('End');
  assert.equal(await value(), 'echo one');
  await page.keyboard.press('Control+c');
  await shell.until(/\^C/);
  assert.equal(await value(), '');
  await page.keyboard.press('Control+l');
  await page.waitForFunction(() => !document.querySelector('.lines').innerText.includes('two'));
});

browserTest('Tab completes what the cluster and the programs know', WIDE, async ({ page, open, shot }) => {
  await open();
  await hurry(page);
  const shell = terminal(page);
  await line(page).click();
  await page.keyboard.type('kubec');
  await page.keyboard.press('Tab');
  await page.keyboard.type('ap');
  await page.keyboard.press('Tab');
  await page.locator('.offered', { hasText: 'api-resources' }).waitFor();
  await shot('completion');
  await page.keyboard.type('ply -f ss');
  await page.keyboard.press('Tab');
  assert.equal(await line(page).inputValue(), 'kubectl apply -f ss-mysql.yml ');
  await page.keyboard.press('Enter');
  await shell.until(/statefulset\.apps\/mysql created/);
  await pod(page).waitFor();
  await page.keyboard.type('kubectl logs my');
  await page.keyboard.press('Tab');
  assert.equal(await line(page).inputValue(), 'kubectl logs mysql-0 ');
  // Escape, then Tab, leaves the line.
  await page.keyboard.press('Escape');
  await page.keyboard.press('Tab');
  assert.notEqual(await page.evaluate(() => document.activeElement.id), 'line-1');
});

browserTest('Enter of an input method sends nothing', WIDE, async ({ page, open }) => {
  await open();
  await line(page).click();
  await page.keyboard.type('echo ');
  const session = await page.context().newCDPSession(page);
  await session.send('Input.imeSetComposition', { text: 'にほん', selectionStart: 3, selectionEnd: 3 });
  await page.evaluate(() => {
    const enter = new KeyboardEvent('keydown', { key: 'Enter', keyCode: 229, isComposing: true, bubbles: true });
    document.querySelector('#line-1').dispatchEvent(enter);
  });
  assert.equal(await line(page).inputValue(), 'echo にほん');
  await session.send('Input.insertText', { text: '日本' });
  await page.keyboard.press('Enter');
  await terminal(page).until(/\n日本/);
});

browserTest('pasted lines lose their prompts', WIDE, async ({ page, open }) => {
  await open();
  await line(page).click();
  await page.evaluate(() => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', '$ echo one\n$ echo two\nPS> echo three');
    document.querySelector('#line-1').dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  });
  await terminal(page).until(/\none\n[^]*\ntwo/);
  assert.equal(await line(page).inputValue(), 'echo three');
});

browserTest('ten thousand lines do not slow a terminal', WIDE, async ({ page, open, t }) => {
  await open();
  const shell = terminal(page);
  await shell.type('seq 1 12000');
  await shell.until(/\n12000\n/);
  const begun = Date.now();
  await shell.type('echo done');
  await shell.until(/\ndone\n/);
  t.diagnostic(`a line after 12,000 lines: ${Date.now() - begun} ms`);
  const blocks = await page.locator('.lines pre.far').count();
  assert(blocks > 90 && blocks <= 100, `${blocks} blocks`);
});

browserTest('terminals stand side by side or one at a time', WIDE, async ({ page, open }) => {
  await open();
  await page.getByLabel('Open another terminal').click();
  await page.getByLabel('Open another terminal').click();
  assert.equal(await page.locator('.terminal:visible').count(), 3);
  await page.getByLabel('Side by side').click();
  assert.equal(await page.locator('.terminal:visible').count(), 1);
  await page.getByRole('button', { name: 'Terminal 2', exact: true }).click();
  await line(page, 2).waitFor();
  await page.getByLabel('Close this terminal: Terminal 3').click();
  await page.getByLabel('Close this terminal: Terminal 2').click();
  assert.equal(await page.locator('.terminal').count(), 1);
});

browserTest('time goes back and on, and asks before it cuts', WIDE, async ({ page, open, shot }) => {
  await open();
  await hurry(page);
  const shell = terminal(page);
  await shell.type('kubectl apply -f .');
  await page.locator('.mark.ready').first().waitFor();
  await page.locator('.figure > svg').focus().catch(() => {});
  await page.locator('h1').click();
  await page.keyboard.press(' ');
  await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
  const clock = () => page.locator('output.clock').innerText();
  const now = await clock();
  await page.keyboard.press('ArrowLeft');
  await page.waitForFunction((before) => document.querySelector('output.clock').innerText !== before, now);
  await page.keyboard.press(',');
  await page.keyboard.press('.');
  await page.keyboard.press('End');
  await page.getByLabel('Time', { exact: true }).fill('0');
  await pod(page).waitFor({ state: 'detached' });
  await shot('in the past');
  await shell.type('echo hello');
  await page.getByRole('alertdialog').waitFor();
  await shot('question');
  assert.deepEqual(await faults(page), []);
  await page.getByRole('button', { name: 'Cancel' }).click();
  assert.doesNotMatch(await shell.text(), /hello/);
  await shell.type('echo hello');
  await page.getByRole('button', { name: 'Go on from here' }).click();
  await shell.until(/\nhello/);
  assert.equal(await page.locator('.mark').count(), 0);
});

browserTest('the last input is taken back and done again', WIDE, async ({ page, open }) => {
  await open();
  await hurry(page);
  const shell = terminal(page);
  await shell.type('kubectl apply -f .');
  await pod(page).waitFor();
  await page.locator('h1').click();
  await page.keyboard.press('Control+z');
  await pod(page).waitFor({ state: 'detached' });
  await page.keyboard.press('Control+Shift+z');
  await pod(page).waitFor();
});

browserTest('every kind of input is taken back and done again', WIDE, async ({ page, open }) => {
  await open();
  await page.locator('.cm-content').waitFor();
  const tab = (name) => page.getByRole('tab', { name, exact: true });
  const key = async (name) => {
    await page.locator('h1').click();
    await page.keyboard.press(name);
  };
  const prompted = async (name, press) => {
    page.once('dialog', (dialog) => dialog.accept(name));
    await press();
  };
  // A new file, its text, its new name, another terminal, a deleted file: in this order, and back.
  await prompted('a.yml', () => page.getByLabel('New file').click());
  await tab('a.yml').waitFor();
  await page.locator('.cm-content').fill('kind: A\n');
  await page.locator('h1').click();
  await page.getByLabel('What to do with this file').click();
  await prompted('b.yml', () => page.getByRole('button', { name: 'Rename this file' }).click());
  await tab('b.yml').waitFor();
  await page.getByLabel('Open another terminal').click();
  await line(page, 2).waitFor();
  await page.getByLabel('What to do with this file').click();
  await page.getByRole('button', { name: 'Delete this file' }).click();
  await tab('b.yml').waitFor({ state: 'detached' });
  await key('Control+z');
  await tab('b.yml').waitFor();
  await key('Control+z');
  await line(page, 2).waitFor({ state: 'detached' });
  await key('Control+z');
  await tab('a.yml').waitFor();
  await tab('b.yml').waitFor({ state: 'detached' });
  await tab('a.yml').click();
  await page.locator('.cm-content', { hasText: 'kind: A' }).waitFor();
  await key('Control+z');
  await page.locator('.cm-content', { hasText: 'kind: A' }).waitFor({ state: 'detached' });
  await key('Control+z');
  await tab('a.yml').waitFor({ state: 'detached' });
  for (let again = 0; again < 5; again++) await key('Control+Shift+z');
  await line(page, 2).waitFor();
  await tab('a.yml').waitFor({ state: 'detached' });
  await tab('b.yml').waitFor({ state: 'detached' });
  await key('Control+z');
  await tab('b.yml').waitFor();
});

browserTest('a folder of the disk is opened and saved back to', WIDE, async ({ page, open }) => {
  // The browser's own private folder stands for one that a person chooses.
  await page.addInitScript(() => {
    window.showDirectoryPicker = async () => {
      const root = await navigator.storage.getDirectory();
      const shop = await root.getDirectoryHandle('shop', { create: true });
      if ((await Array.fromAsync(shop.keys())).length > 0) return shop;
      const write = async (folder, name, text) => {
        const file = await (await folder.getFileHandle(name, { create: true })).createWritable();
        await file.write(text);
        await file.close();
      };
      await write(shop, 'web.yml', 'kind: Pod\n');
      await write(await shop.getDirectoryHandle('base', { create: true }), 'db.yaml', 'kind: Service\n');
      await write(shop, 'picture.png', 'no text');
      return shop;
    };
  });
  await open();
  const menu = async (name) => {
    await page.getByLabel('What to do with this file').click();
    await page.getByRole('button', { name }).click();
  };
  await menu('Open a folder of this computer');
  await page.getByRole('tab', { name: 'web.yml' }).click();
  assert.deepEqual(await page.getByRole('tab').allInnerTexts(), ['base/db.yaml', 'web.yml']);
  await page.locator('.cm-content').fill('kind: Mine\n');
  await page.locator('.cm-content').press('Control+s');
  const read = (name) =>
    page.waitForFunction(async ([name]) => {
      const shop = await (await navigator.storage.getDirectory()).getDirectoryHandle('shop');
      // Until it is there, and while it is being written, it cannot be read.
      const text = shop.getFileHandle(name).then((handle) => handle.getFile()).then((file) => file.text());
      return (await text.catch(() => null)) === 'kind: Mine\n';
    }, [name]);
  await read('web.yml');
  page.once('dialog', (dialog) => dialog.accept('new.yml'));
  await page.getByLabel('New file').click();
  await page.locator('.cm-content').fill('kind: Mine\n');
  await menu('Save all files to shop');
  await read('new.yml');
});

browserTest('time goes on when the dialog about links is closed', WIDE, async ({ page, open }) => {
  await open();
  for (const playing of [true, false]) {
    if (!playing) await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await page.getByRole('button', { name: 'Share' }).click();
    await page.getByLabel('Only the files').check();
    await page.getByRole('button', { name: 'Close', exact: true }).click();
    await page.getByRole('button', { name: playing ? 'Pause' : 'Play', exact: true }).waitFor();
  }
});

browserTest('work that the browser does not keep is told of', WIDE, async ({ page, open }) => {
  await page.addInitScript(() => {
    const keep = Storage.prototype.setItem;
    Storage.prototype.setItem = function (key, text) {
      if (text.length > 20_000) throw new DOMException('full', 'QuotaExceededError');
      keep.call(this, key, text);
    };
  });
  await open();
  await page.locator('.cm-content').fill(`# ${'x'.repeat(30_000)}\n`);
  await page.getByText('This is more than the browser keeps').waitFor();
});

browserTest('the inspector tells of a thing and types commands', WIDE, async ({ page, open, shot }) => {
  await open();
  await hurry(page);
  const shell = terminal(page);
  await shell.type('kubectl apply -f .');
  await pod(page).waitFor();
  await page.locator('.mark.ready').nth(1).waitFor();
  await pod(page).locator('path').first().click();
  const inspector = page.locator('.inspector');
  await inspector.getByText(/Controlled By: +StatefulSet\/mysql/).waitFor();
  await shot('inspector');
  assert.deepEqual(await faults(page), []);
  await inspector.getByRole('button', { name: 'YAML', exact: true }).click();
  await inspector.getByText(/kind: Pod/).waitFor();
  await inspector.getByRole('button', { name: 'Events', exact: true }).click();
  await inspector.getByText(/Scheduled/).waitFor();
  await inspector.getByRole('button', { name: 'Logs', exact: true }).click();
  await inspector.getByRole('button', { name: 'Related' }).click();
  await inspector.getByRole('button', { name: 'Service mysql' }).click();
  await inspector.getByRole('button', { name: 'Describe', exact: true }).click();
  await inspector.getByText(/TargetPort: +3306/).waitFor();
  await inspector.getByRole('button', { name: 'kubectl describe service mysql' }).click();
  assert.equal(await line(page).inputValue(), 'kubectl describe service mysql');
  await page.keyboard.press('Enter');
  await shell.until(/Session Affinity/);
  // By keyboard alone: to the thing, to the next, in, out.
  await inspector.getByLabel('Close').click();
  await page.locator('.figure .hold[tabindex="0"]').focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await inspector.waitFor();
  await page.keyboard.press('Escape');
  await inspector.waitFor({ state: 'detached' });
});

browserTest('the editor underlines, completes, explains and applies', WIDE, async ({ page, open, shot }) => {
  await open();
  await hurry(page);
  await page.getByRole('tab', { name: 'svc-mysql.yml' }).click();
  const code = page.locator('.cm-content');
  await code.waitFor();
  assert.match(await code.getAttribute('aria-label'), /Contents of svc-mysql\.yml/);
  const text = await code.innerText();
  await code.fill(text.replace('selector:', 'selektor:'));
  const wrong = page.locator('.cm-lintRange-error', { hasText: 'selektor' });
  await wrong.hover();
  await page.getByText('unknown field "spec.selektor"').waitFor();
  await shot('diagnostics');
  await page.getByRole('button', { name: 'Write selector' }).click();
  await wrong.waitFor({ state: 'detached' });
  await code.fill(text.replace('app: mysql', 'app: nobody'));
  await page.locator('.cm-lintRange-warning').first().hover();
  await page.getByText('This selector matches no Pod.').waitFor();
  await code.fill('apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  ');
  await page.keyboard.press('Control+End');
  await page.keyboard.type('externalTr');
  const offer = page.locator('.cm-tooltip-autocomplete li', { hasText: 'externalTrafficPolicy' });
  await offer.waitFor();
  await page.keyboard.press('Backspace');
  await offer.waitFor();
  await page.locator('.cm-completionInfo, .saya-docs').first().waitFor();
  await shot('suggestions');
  await page.keyboard.press('Enter');
  await page.keyboard.type('x');
  await page.locator('.cm-lintRange-error').first().waitFor();
  await code.fill(text);
  await page.keyboard.press('Control+Enter');
  await terminal(page).until(/kubectl apply -f svc-mysql\.yml\nservice\/mysql created/);
  // What stands untidily is put in order, and undo is the file's own.
  await code.fill('spec:\n    a: 1   \n\nkind: Service\n');
  await code.press('Shift+Alt+f');
  await page.waitForFunction(() => document.querySelector('.cm-content').innerText.startsWith('spec:\n  a: 1\n'));
  await code.press('Control+z');
  await page.waitForFunction(() => document.querySelector('.cm-content').innerText.startsWith('spec:\n    a: 1   \n'));
  // Escape then Tab leaves.
  await code.click();
  // Once for what the editor may have opened by itself, once to leave.
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.closest('.cm-editor')), null);
});

browserTest('files come, change their names, go and come back', WIDE, async ({ page, open, shot }) => {
  await open();
  page.once('dialog', (dialog) => dialog.accept('pods/web.yml'));
  await page.getByLabel('New file').click();
  await page.getByRole('tab', { name: 'pods/web.yml', selected: true }).waitFor();
  await page.locator('.cm-content').fill('kind: Pod\n');
  await page.getByLabel('What to do with this file').click();
  await shot('file menu');
  page.once('dialog', (dialog) => dialog.accept('web.yml'));
  await page.getByRole('button', { name: 'Rename this file' }).click();
  await page.getByRole('tab', { name: 'web.yml', selected: true }).waitFor();
  const shell = terminal(page);
  await shell.type('cat web.yml');
  await shell.until(/\nkind: Pod/);
  await page.getByLabel('What to do with this file').click();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download all files' }).click();
  const zip = readFileSync(await (await download).path());
  assert.equal(zip.subarray(0, 4).toString('latin1'), 'PK\x03\x04');
  assert.equal(zip.readUInt16LE(zip.length - 12), 4);
  await page.getByLabel('What to do with this file').click();
  await page.getByRole('button', { name: 'Delete this file' }).click();
  await page.getByRole('tab', { name: 'web.yml' }).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('tab', { name: 'web.yml' }).waitFor();
});

browserTest('nothing is lost when the page is loaded again', WIDE, async ({ page, open }) => {
  await open();
  await hurry(page);
  const shell = terminal(page);
  await shell.type('kubectl apply -f .');
  await shell.until(/service\/mysql created/);
  await pod(page).waitFor();
  await page.locator('.cm-content').fill('# mine\n');
  await page.getByLabel('Layout', { exact: true }).selectOption('present');
  await page.waitForTimeout(1_500);
  await page.reload();
  await pod(page).waitFor();
  await shell.until(/service\/mysql created/);
  await page.locator('.cm-content', { hasText: '# mine' }).waitFor();
  await page.locator('[data-preset="present"]').waitFor();
  await line(page).click();
  await page.keyboard.press('ArrowUp');
  assert.equal(await line(page).inputValue(), 'kubectl apply -f .');
  // Beginning again keeps a copy.
  await page.getByRole('button', { name: 'Start again' }).click();
  await pod(page).waitFor({ state: 'detached' });
  await page.locator('h1').click();
  await command(page, 'bring back');
  await pod(page).waitFor();
});

browserTest('a failure of the program keeps the work', WIDE, async ({ page, open, shot, problems }) => {
  await open();
  const shell = terminal(page);
  await shell.type('kubectl apply -f .');
  await shell.until(/service\/mysql created/);
  await page.evaluate(() => {
    try {
      window.wasmBindings.fail('on purpose');
    } catch {
      // The trap itself.
    }
  });
  await page.getByRole('alertdialog').getByText('on purpose').waitFor();
  await shot('failure');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download the log for a report' }).click();
  assert.match(readFileSync(await (await download).path(), 'utf8'), /on purpose[^]*saya 1\n[^]*kubectl apply -f \./);
  await page.getByRole('button', { name: 'Reload' }).click();
  await terminal(page).until(/service\/mysql created/);
  problems.splice(0);
});

browserTest('bars move, presets arrange, the palette finds', WIDE, async ({ page, open, shot }) => {
  await open();
  const bar = page.getByRole('separator', { name: 'Width of the files' });
  const width = async () => (await page.locator('.files').boundingBox()).width;
  const before = await width();
  const box = await bar.boundingBox();
  await page.mouse.move(box.x + 2, box.y + 200);
  await page.mouse.down();
  await page.mouse.move(box.x + 152, box.y + 200);
  await page.mouse.up();
  assert(Math.abs((await width()) - before - 150) < 12);
  await bar.focus();
  await page.keyboard.press('ArrowLeft');
  assert((await width()) < before + 145);
  await page.locator('h1').click();
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'What do you want to do?' }).waitFor();
  await shot('palette');
  assert.deepEqual(await faults(page), []);
  await page.keyboard.type('present');
  await page.keyboard.press('Enter');
  await page.locator('[data-preset="present"]').waitFor();
  await shot('present');
  await page.keyboard.press('F1');
  await page.keyboard.press('Escape');
  await page.locator('.palette').waitFor({ state: 'detached' });
});

browserTest('the story plays by itself once it is asked to', WIDE, async ({ page, open }) => {
  await open();
  await page.getByLabel('Speed').selectOption('10');
  await page.getByRole('button', { name: /Play the story/ }).click();
  await terminal(page).until(/kubectl delete pod mysql-0\npod "mysql-0" deleted/);
  await page.locator('.mark.healed').first().waitFor();
});

browserTest('the figure is zoomed and taken along', WIDE, async ({ page, open }) => {
  await open();
  await hurry(page);
  await terminal(page).type('kubectl apply -f .');
  await pod(page).waitFor();
  const camera = page.locator('.camera');
  const whole = await camera.getAttribute('transform');
  await page.getByLabel('Zoom in').click();
  await page.waitForFunction((before) => document.querySelector('.camera').getAttribute('transform') !== before, whole);
  await page.getByRole('button', { name: 'Fit' }).click();
  for (const [name, begins] of [['SVG', '<svg'], ['.drawio', '<mxfile'], ['PNG 2×', '\x89PNG']]) {
    await page.getByText('Save the figure').click();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name, exact: true }).click();
    const head = readFileSync(await (await download).path(), 'latin1').slice(0, 200);
    assert(head.includes(begins), `${name}: ${head}`);
    await page.getByText('Save the figure').click();
  }
  await page.getByText('Layers').click();
  await page.getByLabel('kube-system and the like').check();
  await page.locator('[data-id^="pod/kube-system/"]').first().waitFor();
});

for (const [device, viewport] of [['laptop', { width: 1440, height: 900 }], ['tablet', { width: 1024, height: 768 }], ['telephone', { width: 390, height: 844 }]]) {
  for (const [locale, colorScheme] of [['en-US', 'light'], ['ja', 'dark'], ['ko', 'light']]) {
    browserTest(`axe finds nothing on a ${device}, ${locale}, ${colorScheme}`, { viewport, locale, colorScheme }, async ({ page, open, shot }) => {
      await open();
      await page.locator('.cm-content, .text').first().waitFor({ state: 'attached' });
      await page.waitForTimeout(500);
      await shot(`${device}-${locale}-${colorScheme}-first`);
      assert.deepEqual(await faults(page), []);
      await page.getByRole('button', { name: 'kubectl apply -f .' }).click();
      await page.locator('[data-id="service/default/mysql"]').waitFor();
      await page.waitForTimeout(800);
      await shot(`${device}-${locale}-${colorScheme}-story`);
      assert.deepEqual(await faults(page), []);
    });
  }
}
