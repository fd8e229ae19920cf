// What the browser tests do with the page, as a person would.

/** The terminal with this number: `type` a line, `press` a key, `shows` a text, `text` of all. */
export function terminal(page, number = 1) {
  const line = page.getByLabel(`Command line ${number}`);
  const panel = page.locator('.terminal').nth(number - 1);
  return {
    type: async (text) => {
      await line.click();
      await page.keyboard.type(text);
      await page.keyboard.press('Enter');
    },
    press: async (key) => {
      await line.focus();
      await page.keyboard.press(key);
    },
    shows: (text) => panel.getByText(text).first().waitFor(),
    text: () => panel.locator('.lines').innerText(),
    /** Waits until what is shown matches, and returns the match. */
    until: async (pattern) => {
      await page.waitForFunction(
        ([index, source, flags]) =>
          new RegExp(source, flags).test(document.querySelectorAll('.terminal')[index].querySelector('.lines').innerText),
        [number - 1, pattern.source, pattern.flags],
      );
      return (await panel.locator('.lines').innerText()).match(pattern);
    },
  };
}

/** Time runs ten times as fast. */
export const hurry = (page) => page.getByLabel('Speed').selectOption('10');
