// "Try it" buttons below console blocks: they type the block's commands in the page's cluster.
(() => {
  const LANGUAGES = ['console', 'shell-session', 'bash', 'sh', 'shell', 'ps1', 'pwsh', 'powershell', 'ps1con', 'pwsh-session', 'doscon'];
  // `$`, `user@host:~$`, `PS C:\k8s>`; of what runs in a container `/ #`, `root@web:/#`, `bash-5.1#`; `mysql>`, `MySQL [db]>`.
  const PROMPT =
    /^(?:\$|❯|PS(?: [A-Za-z]:[^>]*)?>|[A-Za-z]:\\[^>]*>|[\w.-]+@[\w.-]+:[^#$]*[#$]|[~/][^\s#$]* ?[#$]|(?:ba)?sh-[\d.]+[#$]|mysql>|(?:MySQL|MariaDB) \[[^\]]*\]>) /;
  const TOOL = /^(?:kubectl|k|minikube|docker|helm|curl|wget|cd|export|alias|echo|for|cat)(?:\.exe)? /;

  const goesOn = (text) => {
    const heredoc = /<<-?\s*['"]?(\w+)/.exec(text);
    return heredoc ? !text.split('\n').slice(1).includes(heredoc[1]) : /[\\`]$/.test(text);
  };

  /** The commands in a console block's text. */
  function commandsOf(text) {
    const lines = text.split('\n').map((line) => line.trimEnd());
    const prompted = lines.some((line) => PROMPT.test(line));
    const first = lines.find((line) => line && !line.startsWith('#'));
    if (!prompted && !TOOL.test(first ?? '')) return [];
    const commands = [];
    let open = false;
    for (const line of lines) {
      const begins = prompted ? PROMPT.test(line) : TOOL.test(line);
      if (open) commands[commands.length - 1] += `\n${line.replace(/^>{1,2} /, '')}`;
      else if (begins) commands.push(line.replace(prompted ? PROMPT : '', '').replace(/\s+(?:<--|←).*$/, ''));
      else continue;
      const last = commands.length - 1;
      open = goesOn(commands[last]);
      // PowerShell goes on behind a backtick; the cluster's shell behind a backslash.
      if (open && !commands[last].includes('<<')) commands[last] = commands[last].replace(/`$/, '\\');
    }
    return commands.map((command) => command.replace(/^(\w+)\.exe /, '$1 ')).filter((command) => command.trim());
  }

  addEventListener('DOMContentLoaded', () => {
    const script = document.querySelector('script[data-saya-try]');
    const clusters = () => [...document.querySelectorAll('saya-cluster')];
    if (!script || clusters().length === 0) return;
    for (const block of document.querySelectorAll(LANGUAGES.map((name) => `.highlight-${name}`).join())) {
      const commands = commandsOf(block.querySelector('td.code pre, pre:not(.linenodiv pre)')?.textContent ?? '');
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
})();
