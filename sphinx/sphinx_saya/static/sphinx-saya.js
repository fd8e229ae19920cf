// "Try it" buttons below console blocks: they type the block's commands in the chapter's first cluster.
addEventListener('DOMContentLoaded', () => {
  const script = document.querySelector('script[data-saya-try]');
  const clusters = () => [...document.querySelectorAll('saya-cluster')];
  if (!script || clusters().length === 0) return;
  for (const block of document.querySelectorAll('.highlight-console, .highlight-shell-session')) {
    const text = block.querySelector('pre')?.textContent ?? '';
    const commands = text.split('\n').filter((line) => line.startsWith('$ ')).map((line) => line.slice(2));
    if (commands.length === 0) continue;
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'saya-try';
    button.textContent = script.dataset.sayaTry;
    button.addEventListener('click', () => {
      // The nearest cluster above the block, else the first of the chapter.
      const above = clusters().filter((cluster) => cluster.compareDocumentPosition(block) & Node.DOCUMENT_POSITION_FOLLOWING);
      (above.pop() ?? clusters()[0]).run(commands);
    });
    block.append(button);
  }
});
