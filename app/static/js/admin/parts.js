/* Parts of an administration page that change while one looks: the server draws them, this only asks again. */

const PAUSE = 250, EVERY = 1000;

async function ask(address, options = {}) {
  try {
    const answer = await fetch(address, {...options, headers: {"X-Part": "1"}});
    return answer.ok ? await answer.text() : null;
  } catch {
    return null;
  }
}

/* While a training is underway, and once more when it has ended: then the whole page has news. */
function watch(element) {
  const isUnderway = () => element.querySelector("[data-underway]") !== null;
  const step = async () => {
    const part = await ask(element.dataset.poll);
    if (part !== null) element.innerHTML = part;
    if (isUnderway() || part === null) setTimeout(step, EVERY);
    else location.reload();
  };
  if (isUnderway()) setTimeout(step, EVERY);
}

/* The answer follows the typing; a slower older answer never replaces a newer one. */
function follow(form) {
  const target = document.querySelector(form.dataset.live);
  let timer = 0, asked = 0;
  const go = async () => {
    const mine = ++asked;
    const part = await ask(form.action, {method: "POST", body: new FormData(form)});
    if (part !== null && mine === asked) target.innerHTML = part;
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(go, PAUSE);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    go();
  });
}

document.querySelectorAll("[data-poll]").forEach(watch);
document.querySelectorAll("form[data-live]").forEach(follow);
