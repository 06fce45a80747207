// The page of who follows a lesson.  It hears of news by server-sent events and fetches what is new; all that it ever sends is an
// answer to a question that the program asks.  Texts from outside become text, never markup.
'use strict';

const WORDS = {
  en: {
    board: 'The board', program: 'Program', output: 'Output', answers: 'What the class predicts', connecting: 'Connecting…',
    live: 'Live', lost: 'The connection broke. Trying again…', over: 'The lesson is over.', full: 'The room is full. Trying again…',
    yourAnswer: 'Your prediction', send: 'Send', sent: 'You said %s. You may change it until the answer is shown.',
    refused: 'That was not understood as an answer: %s', wait: 'Too quick. Once more, a little later.', other: '中文', blank: 'The screen is dark for a moment.',
    number: 'a number', shape: 'a shape, such as (3, 4)', text: '', of: '%s: %n of %m', line: 'line %s',
  },
  zh: {
    board: '板', program: '程序', output: '输出', answers: '全班的预测', connecting: '正在连接…',
    live: '直播中', lost: '连接断了，正在重连…', over: '下课了。', full: '人满了，稍后再试…',
    yourAnswer: '你的预测', send: '提交', sent: '你答的是 %s。揭晓之前可以改。',
    refused: '没看懂这个答案：%s', wait: '太快了，稍等再交。', other: 'English', blank: '屏幕先黑一会儿。',
    number: '一个数', shape: '形状，比如 (3, 4)', text: '', of: '%s：%n / %m', line: '第 %s 行',
  },
};

const byId = id => document.getElementById(id);
let language = (navigator.languages || [navigator.language || 'en'])[0].toLowerCase().startsWith('zh') ? 'zh' : 'en';
let you = '', state = null, text = null, phase = 'connecting', said = null, over = false;
const versions = { picture: 0, text: 0 }, fetched = { picture: 0, text: 0 }, fetching = { picture: false, text: false };

const word = (key, value) => WORDS[language][key].replace('%s', value);
const both = pair => (pair && (pair[language] || pair.en || pair.zh)) || '';

function setText(id, value) {
  const node = byId(id);
  if (node.textContent !== value)
    node.textContent = value;
}

function keep(key, value) {
  try {
    if (value !== undefined)
      sessionStorage.setItem(key, value);
    return sessionStorage.getItem(key) || '';
  } catch (error) { // a browser that keeps nothing
    return '';
  }
}

// ---- what is shown ----

function showWords() {
  document.documentElement.lang = language;
  setText('board-title', word('board'));
  setText('program-title', word('program'));
  setText('output-title', word('output'));
  setText('answers-title', word('answers'));
  setText('label', word('yourAnswer'));
  setText('send', word('send'));
  setText('language', word('other'));
  byId('language').lang = language === 'zh' ? 'en' : 'zh';
  setText('connection', word(phase));
  byId('connection').className = phase === 'live' || phase === 'connecting' ? '' : 'trouble';
}

function showQuestion() {
  const ask = over ? null : state && state.ask, form = byId('ask');
  form.hidden = !ask;
  if (!ask)
    return;
  const fresh = form.dataset.id !== ask.id;
  setText('prompt', both(ask.prompt));
  byId('written').hidden = ask.choices.length > 0;
  byId('answer').placeholder = word(ask.kind in WORDS.en ? ask.kind : 'text');
  byId('answer').inputMode = ask.kind === 'number' ? 'decimal' : 'text';
  if (fresh) {
    form.dataset.id = ask.id;
    said = null;
    byId('answer').value = '';
  }
  const choices = byId('choices');
  if (fresh || choices.dataset.language !== language) {
    choices.dataset.language = language;
    choices.replaceChildren(...ask.choices.map(choice => {
      const button = document.createElement('button');
      button.type = 'button';
      button.value = choice.value;
      button.textContent = both(choice.label);
      button.addEventListener('click', () => answer(ask.id, choice.value, both(choice.label)));
      return button;
    }));
  }
  for (const button of choices.children)
    button.setAttribute('aria-pressed', String(said !== null && said.value === button.value));
  if (fresh)
    setText('said', '');
}

function showAnswers() {
  const answers = (state && state.answers) || null;
  byId('answers').hidden = !answers;
  if (!answers)
    return;
  const most = Math.max(1, ...answers.map(one => one.n)), all = answers.reduce((sum, one) => sum + one.n, 0);
  byId('bars').replaceChildren(...answers.map(one => {
    const row = document.createElement('tr'), name = document.createElement('th'), bar = document.createElement('td'),
          count = document.createElement('td'), space = 'http://www.w3.org/2000/svg';
    const drawing = document.createElementNS(space, 'svg'), rect = document.createElementNS(space, 'rect');
    name.scope = 'row';
    name.textContent = (one.right ? '✓ ' : '') + one.label;
    rect.setAttribute('width', (100 * one.n / most) + '%');
    rect.setAttribute('height', '18');
    drawing.setAttribute('role', 'img');
    drawing.setAttribute('aria-label', word('of', one.label).replace('%n', one.n).replace('%m', all));
    drawing.append(rect);
    bar.append(drawing);
    bar.className = 'bar';
    count.textContent = one.n;
    row.className = one.right ? 'right' : '';
    row.append(name, bar, count);
    return row;
  }));
}

function showState() {
  if (state) {
    setText('title', state.title || 'Gradboard');
    setText('subtitle', state.subtitle);
    setText('sentence', state.blank ? word('blank') : state.sentence);
    setText('question', state.question);
    byId('question').hidden = !state.question;
    byId('board').classList.toggle('blank', state.blank);
    document.title = (state.title ? state.title + ' · ' : '') + 'Gradboard';
  }
  showQuestion();
  showAnswers();
}

function showText() {
  if (!text)
    return;
  const lines = text.program.split('\n');
  byId('program').replaceChildren(...lines.map((line, i) => {
    const span = document.createElement('span');
    span.className = i + 1 === text.line ? 'line here' : 'line';
    span.dataset.n = i + 1;
    if (i + 1 === text.line)
      span.setAttribute('aria-label', word('line', i + 1) + ': ' + line);
    span.textContent = line + '\n';
    return span;
  }));
  setText('output', text.output);
}

// Only what a picture is made of comes into the page, whoever sent it.
const DRAWN = new Set(['svg', 'g', 'rect', 'text', 'path', 'image', 'clipPath', 'defs', 'use', 'tspan']);

function isClean(node) {
  if (!DRAWN.has(node.localName))
    return false;
  for (const attribute of node.attributes)
    if (attribute.localName.startsWith('on') || (attribute.localName === 'href' && !/^(data:image\/png;base64,|#)/.test(attribute.value)))
      return false;
  return [...node.children].every(isClean);
}

function showPicture(source) {
  const root = new DOMParser().parseFromString(source, 'image/svg+xml').documentElement, board = byId('board');
  if (!isClean(root))
    return;
  // The letters that somebody is about to copy stay.
  const selection = document.getSelection();
  if (selection && !selection.isCollapsed && board.contains(selection.anchorNode))
    return;
  root.setAttribute('aria-hidden', 'true');
  root.removeAttribute('height');
  root.removeAttribute('width');
  board.replaceChildren(document.importNode(root, true));
}

// ---- fetching and sending ----

async function fetchNews(which, path, show) {
  if (fetching[which] || fetched[which] === versions[which] || !you)
    return;
  fetching[which] = true;
  const wanted = versions[which];
  try {
    const response = await fetch(path + '?you=' + you + '&n=' + wanted);
    if (response.ok) {
      show(await response.text());
      fetched[which] = wanted;
    } else {
      await new Promise(resolve => setTimeout(resolve, 1000));
    }
  } catch (error) {
    await new Promise(resolve => setTimeout(resolve, 1000));
  }
  fetching[which] = false;
  if (phase === 'live')
    fetchAll();
}

function fetchAll() {
  fetchNews('picture', 'board.svg', showPicture);
  fetchNews('text', 'text.json', source => {
    text = JSON.parse(source);
    showText();
  });
}

async function answer(id, value, label) {
  try {
    const response = await fetch('answer', {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ you, id, answer: value }),
    });
    if (response.ok)
      said = { value, label };
    setText('said', response.ok ? word('sent', label) : word(response.status === 429 ? 'wait' : 'refused', label));
  } catch (error) {
    setText('said', word('lost'));
  }
  showQuestion();
}

// ---- the connection ----

function setPhase(now) {
  phase = now;
  showWords();
}

function connect() {
  const source = new EventSource('events' + (you ? '?you=' + you : ''));
  source.addEventListener('you', event => {
    you = keep('you', event.data);
    fetched.picture = fetched.text = 0;
    setPhase('live');
    fetchAll();
  });
  source.addEventListener('state', event => {
    state = JSON.parse(event.data);
    showState();
  });
  for (const which of ['picture', 'text'])
    source.addEventListener(which, event => {
      versions[which] = Number(event.data);
      fetchAll();
    });
  source.addEventListener('over', () => {
    over = true;
    source.close();
    setPhase('over');
    showQuestion();
  });
  source.addEventListener('error', () => {
    if (over)
      return;
    setPhase('lost');
    // A server that answers with an error closes for good: we do not.
    source.close();
    setTimeout(connect, 2000 + 1000 * Math.random());
  });
}

byId('language').addEventListener('click', () => {
  language = language === 'zh' ? 'en' : 'zh';
  showWords();
  showState();
  showText();
});
byId('ask').addEventListener('submit', event => {
  event.preventDefault();
  const value = byId('answer').value.trim();
  if (value)
    answer(byId('ask').dataset.id, value, value);
});
byId('program-part').open = byId('output-part').open = window.innerWidth > 900;
you = keep('you');
showWords();
connect();
