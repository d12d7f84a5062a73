// What the console adds where scripts run: live changes, times that count, keys. Everything works without it, by forms and links.
"use strict";
(() => {
  const body = document.body;
  const main = document.getElementById("main");
  const feed = document.getElementById("feed");
  const news = document.getElementById("news");
  const toasts = document.getElementById("toasts");
  const keys = document.getElementById("keys");

  // Times -----------------------------------------------------------------------------------------------------------

  const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });
  const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

  function ago(then) {
    const seconds = (then - Date.now()) / 1000;
    const size = Math.abs(seconds);
    if (size < 45) return "just now";
    if (size < 3600) return relative.format(Math.round(seconds / 60), "minute");
    if (size < 86400) return relative.format(Math.round(seconds / 3600), "hour");
    if (size < 7 * 86400) return relative.format(Math.round(seconds / 86400), "day");
    return absolute.format(then);
  }

  function showTimes(within) {
    for (const time of within.querySelectorAll("time[datetime]")) {
      const then = new Date(time.dateTime);
      if (Number.isNaN(then.getTime())) continue;
      const words = ago(then);
      if (time.textContent !== words) time.textContent = words;
      time.title = absolute.format(then);
    }
  }

  // Live changes ----------------------------------------------------------------------------------------------------

  const place = body.dataset.place;

  // Keeps what the visitor has opened and typed when a card is drawn anew.
  function keepState(old, fresh) {
    const owner = (element) => element.closest(".reply, .card")?.id;
    for (const details of old.querySelectorAll("details[data-key]")) {
      const twin = [...fresh.querySelectorAll(`details[data-key="${details.dataset.key}"]`)].find(
        (other) => owner(other) === owner(details),
      );
      if (twin) twin.open = details.open;
    }
    const text = old.querySelector("textarea");
    const twin = fresh.querySelector("textarea");
    if (text && twin) twin.value = text.value;
  }

  // Where the focus is inside a card, so that it can be put back.
  function focusIn(card) {
    const focused = document.activeElement;
    if (!focused || !card.contains(focused)) return null;
    if (focused === card) return (fresh) => fresh;
    if (focused.id) return (fresh) => fresh.querySelector(`[id="${focused.id}"]`);
    const all = (root) => [...root.querySelectorAll("a, button, summary, textarea, [tabindex]")];
    const index = all(card).indexOf(focused);
    const words = focused.textContent;
    return (fresh) => all(fresh).find((other) => other.textContent === words) ?? all(fresh)[index] ?? fresh;
  }

  async function fetchCard(id) {
    const answer = await fetch(`/fragments/post/${id}?place=${place}`, { headers: { Accept: "text/html, application/json" } });
    if (answer.status === 404) return null;
    if (!answer.ok) throw new Error(answer.statusText);
    const template = document.createElement("template");
    template.innerHTML = await answer.text();
    const card = template.content.querySelector(".card");
    showTimes(template.content);
    return card;
  }

  // What the reader looks at, points at or works in stays where it is while things change above it: nobody clicks the wrong
  // button because a message came in. Somebody at the very top who does nothing sees new messages appear.
  function holdPlace() {
    const looking = () => [...feed.children].find((card) => card.getBoundingClientRect().bottom > 0);
    const anchor =
      feed.querySelector(".card:has(:focus)") ?? feed.querySelector(".card:hover") ?? (scrollY > 0 ? looking() : null);
    if (!anchor) return () => {};
    const { id } = anchor;
    const before = anchor.getBoundingClientRect().top;
    return () => {
      const now = document.getElementById(id);
      if (!now) return;
      scrollBy({ top: now.getBoundingClientRect().top - before, behavior: "instant" });
      if (feed.firstElementChild.getBoundingClientRect().bottom < 0) showPill();
    };
  }

  const pill = document.getElementById("pill");
  let newest = feed?.firstElementChild?.id;
  function showPill() {
    if (feed.firstElementChild.id !== newest) pill.hidden = false;
  }
  function hidePill() {
    if (!feed?.firstElementChild || feed.firstElementChild.getBoundingClientRect().bottom < 0) return;
    newest = feed.firstElementChild.id;
    pill.hidden = true;
  }
  addEventListener("scroll", hidePill, { passive: true });
  pill.addEventListener("click", () => {
    scrollTo({ top: 0 });
    feed.firstElementChild?.focus({ preventScroll: true });
  });

  async function update(id, conversation) {
    const old = document.getElementById(`post-${id}`);
    if (!old && !belongsHere(id, conversation)) return;
    const fresh = await fetchCard(id);
    // Another update of the same card may have come first.
    const current = document.getElementById(`post-${id}`);
    const release = holdPlace();
    if (!fresh) {
      current?.remove();
    } else if (current) {
      keepState(current, fresh);
      const selection = current.querySelector("textarea:focus");
      const range = selection && [selection.selectionStart, selection.selectionEnd];
      const refocus = focusIn(current);
      const toneChanged = current.dataset.tone !== fresh.dataset.tone;
      if (current.classList.contains("here")) fresh.classList.add("here");
      current.replaceWith(fresh);
      if (toneChanged) fresh.classList.add("changed");
      const target = refocus?.(fresh);
      target?.focus({ preventScroll: true });
      if (range && target?.setSelectionRange) target.setSelectionRange(...range);
    } else {
      fresh.classList.add("arrived");
      // Ids grow with time: the newest stands first.
      const next = [...feed.children].find((card) => card.dataset.post < id);
      feed.insertBefore(fresh, next ?? null);
      document.getElementById("empty")?.setAttribute("hidden", "");
    }
    release();
    hidePill();
  }

  function belongsHere(id, conversation) {
    if (body.dataset.only) return body.dataset.only === id;
    if (!("newest" in body.dataset)) return false;
    return !body.dataset.follows || body.dataset.follows === conversation;
  }

  // Updates of one card run one after the other; several that wait are one.
  const waiting = new Map();
  function queueUpdate(id, conversation) {
    const known = waiting.get(id);
    if (known) {
      known.again = true;
      return;
    }
    const state = { again: false };
    waiting.set(id, state);
    (async () => {
      do {
        state.again = false;
        try {
          await update(id, conversation);
        } catch {
          // The stream tells of the next change; a reload shows this one.
        }
      } while (state.again);
      waiting.delete(id);
    })();
  }

  let channelsTimer = 0;
  function refreshChannels() {
    // Not put off again and again: in a storm the list keeps up.
    if (channelsTimer) return;
    channelsTimer = setTimeout(async () => {
      channelsTimer = 0;
      const answer = await fetch(`/fragments/channels?at=${encodeURIComponent(location.pathname)}`);
      if (!answer.ok) return;
      const holder = document.getElementById("channels");
      const focused = holder.contains(document.activeElement) && document.activeElement.getAttribute("href");
      const scrolled = holder.querySelector("nav")?.scrollLeft ?? 0;
      holder.innerHTML = await answer.text();
      const nav = holder.querySelector("nav");
      if (nav) nav.scrollLeft = scrolled;
      if (focused) holder.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
      showRed(holder);
    }, 250);
  }

  function showRed(holder) {
    const state = document.getElementById("state");
    if (!state || !("follows" in body.dataset)) return;
    const red = Number.parseInt(holder.querySelector("[aria-current] .red")?.textContent ?? "0", 10);
    const words = document.createElement("span");
    words.className = red > 0 ? "state-red" : "state-green";
    words.textContent = red > 0 ? `${red} broken` : "Nothing broken";
    state.replaceChildren(words);
    document.title = document.title.replace(/^\(\d+\) /, "");
    if (red > 0) document.title = `(${red}) ${document.title}`;
  }

  function listen() {
    if (!body.dataset.since) return;
    const stream = new EventSource(`/events?since=${body.dataset.since}`);
    stream.addEventListener("open", () => body.classList.remove("offline"));
    stream.addEventListener("error", () => {
      body.classList.add("offline");
      // The browser tries again by itself, unless the server said no (a session that ended).
      if (stream.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 5000);
    });
    stream.addEventListener("post", (event) => {
      const post = JSON.parse(event.data);
      queueUpdate(post.root, post.conversation);
      refreshChannels();
      const concerns = document.getElementById(`post-${post.root}`) || belongsHere(post.root, post.conversation);
      if (concerns && !post.said && !post.gone) news.textContent = `${post.tone}: ${post.headline}`;
    });
    stream.addEventListener("whisper", (event) => toast(JSON.parse(event.data).text));
    addEventListener("pagehide", () => stream.close());
    addEventListener("pageshow", (event) => event.persisted && location.reload());
  }

  function toast(words) {
    const note = document.createElement("p");
    note.className = "toast";
    note.textContent = words;
    toasts.append(note);
    setTimeout(() => note.remove(), 9000);
  }

  // Forms -----------------------------------------------------------------------------------------------------------

  async function send(form, submitter) {
    // Not `form.action`: the buttons are named `action`, and hide it.
    const answer = await fetch(form.getAttribute("action"), {
      method: "POST",
      headers: { Accept: "application/json" },
      body: new URLSearchParams(new FormData(form, submitter)),
    });
    if (answer.ok) return answer.status === 204 ? null : answer.json().catch(() => null);
    const fault = await answer.json().catch(() => null);
    throw new Error(fault?.error ?? "That did not work. Try again in a moment.");
  }

  async function ask(form) {
    const text = form.querySelector("textarea");
    const button = form.querySelector("button");
    const error = form.querySelector(".form-error");
    if (!text.value.trim() || button.disabled) return;
    button.disabled = true;
    error.hidden = true;
    try {
      await send(form);
      text.value = "";
      form.elements.nonce.value = crypto.randomUUID?.().replaceAll("-", "") ?? "";
      news.textContent = "Asked. The answer appears in the thread.";
    } catch (fault) {
      error.textContent = fault.message;
      error.hidden = false;
    } finally {
      button.disabled = false;
    }
  }

  // A form has a page of its own; here it is shown over the one that is open.
  async function openSheet(path) {
    const answer = await fetch(path, { headers: { Accept: "text/html" } });
    const template = document.createElement("template");
    template.innerHTML = await answer.text();
    const sheet = template.content.querySelector(".sheet");
    if (!answer.ok || !sheet) {
      location.assign(path);
      return;
    }
    const dialog = document.createElement("dialog");
    dialog.className = "sheet-dialog";
    const title = document.createElement("h2");
    title.id = "sheet-title";
    title.textContent = template.content.querySelector("h1").textContent;
    dialog.setAttribute("aria-labelledby", title.id);
    dialog.append(title, sheet);
    sheet.querySelector("[data-close]").addEventListener("click", (event) => {
      event.preventDefault();
      dialog.close();
    });
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
    sheet.querySelector("textarea, select, input:not([type=hidden])")?.focus();
  }

  async function sendSheet(form, button) {
    const error = form.querySelector(".form-error");
    if (button.disabled) return;
    button.disabled = true;
    error.hidden = true;
    try {
      await send(form);
      news.textContent = "Sent.";
      form.closest("dialog").close();
    } catch (fault) {
      error.textContent = fault.message;
      error.hidden = false;
    } finally {
      button.disabled = false;
    }
  }

  async function click(form, button) {
    if (button.classList.contains("busy")) return;
    button.classList.add("busy");
    try {
      const more = await send(form, button);
      if (more?.form) {
        button.classList.remove("busy");
        await openSheet(more.form);
        return;
      }
      news.textContent = `${button.textContent}: asked for.`;
      // The message itself tells what came of it.
      setTimeout(() => button.classList.remove("busy"), 4000);
    } catch (fault) {
      button.classList.remove("busy");
      toast(fault.message);
    }
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches(".ask")) {
      event.preventDefault();
      ask(form);
    } else if (form.matches("dialog .sheet")) {
      event.preventDefault();
      sendSheet(form, event.submitter ?? form.querySelector("button"));
    } else if (form.matches(".actions") && event.submitter) {
      event.preventDefault();
      click(form, event.submitter);
    } else if (form.matches(".themes") && event.submitter) {
      event.preventDefault();
      document.documentElement.dataset.theme = event.submitter.value;
      for (const button of form.querySelectorAll("button")) button.ariaPressed = String(button === event.submitter);
      send(form, event.submitter).catch((fault) => toast(fault.message));
    }
  });

  // Keys ------------------------------------------------------------------------------------------------------------

  const cards = () => [...document.querySelectorAll(".card")];
  const here = () => document.querySelector(".card.here") ?? document.activeElement?.closest?.(".card");

  function go(step) {
    const all = cards();
    if (all.length === 0) return;
    const now = all.indexOf(here());
    const next = all[Math.min(Math.max(now + step, 0), all.length - 1)];
    for (const card of all) card.classList.toggle("here", card === next);
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
    if (next.getBoundingClientRect().top < 0) next.scrollIntoView({ block: "start" });
  }

  function openThread(card) {
    const thread = card?.querySelector(".thread");
    if (!thread) return null;
    thread.open = true;
    return thread;
  }

  document.addEventListener("focusin", (event) => {
    const card = event.target.closest?.(".card");
    for (const other of document.querySelectorAll(".card.here")) if (other !== card) other.classList.remove("here");
  });

  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("textarea, input, select");
    if (typing) {
      if (event.target.closest("dialog")) return;
      if (event.key === "Escape") {
        const card = event.target.closest(".card");
        event.target.blur();
        (card ?? main).focus({ preventScroll: true });
      } else if (event.key === "Enter" && event.target.matches(".ask textarea") && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        event.target.form.requestSubmit();
      }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const actions = {
      j: () => go(1),
      k: () => go(-1),
      r: () => openThread(here())?.querySelector("textarea")?.focus(),
      "/": () => (document.getElementById("ask") ?? document.querySelector(".ask textarea, #q"))?.focus(),
      "?": () => keys.showModal(),
      Enter: () => {
        const card = here();
        if (!card || event.target !== card) return false;
        const thread = card.querySelector(".thread");
        if (thread) thread.open = !thread.open;
      },
    };
    const action = actions[event.key];
    if (action && action() !== false) event.preventDefault();
  });

  const keysButton = document.querySelector("[data-keys]");
  if (keysButton) {
    keysButton.hidden = false;
    keysButton.addEventListener("click", () => keys.showModal());
  }

  // A link to a line or a reply opens what hides it.
  function reveal() {
    const id = decodeURIComponent(location.hash.slice(1));
    const target = id && document.getElementById(id);
    if (!target) return;
    for (let details = target.closest("details"); details; details = details.parentElement.closest("details")) details.open = true;
    target.scrollIntoView({ block: "center" });
  }
  addEventListener("hashchange", reveal);

  showTimes(document);
  setInterval(() => showTimes(document), 20000);
  reveal();
  listen();
})();
