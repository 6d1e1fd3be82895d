// SPDX-License-Identifier: Apache-2.0
// Everything here is an improvement: each page works without it.
(() => {
	"use strict";

	const root = document.documentElement;
	const one = (query, from = document) => from.querySelector(query);
	const all = (query, from = document) => [...from.querySelectorAll(query)];
	const typing = (el) => el.isContentEditable || /^(input|textarea|select)$/i.test(el.tagName);
	const later = (wait, act) => {
		let timer;
		return () => { clearTimeout(timer); timer = setTimeout(act, wait); };
	};

	// One answer at a time: a newer question ends the older one.
	const asker = () => {
		let open;
		return async (address) => {
			open?.abort();
			open = new AbortController();
			const answer = await fetch(address, { signal: open.signal, headers: { "Fera-Fragment": "1" }, credentials: "same-origin" });
			if (!answer.ok || answer.redirected) throw new Error("no answer");
			return new DOMParser().parseFromString(await answer.text(), "text/html");
		};
	};

	// What goes on by itself is looked at again, until it is over.
	const again = async () => {
		const place = one("[data-again]");
		if (!place) return;
		try {
			const answer = await fetch(location.href, { credentials: "same-origin" });
			const fresh = one("[data-again]", new DOMParser().parseFromString(await answer.text(), "text/html"));
			if (!fresh || !answer.ok) return location.reload();
			const shown = one("[role=status]", place);
			shown.replaceChildren(...one("[role=status]", fresh).children);
		} catch { /* the next time */ }
		setTimeout(again, 2000);
	};
	if (one("[data-again]")) setTimeout(again, 2000);

	// Type-ahead, after the ARIA pattern of an editable combobox with a list.
	const typeahead = (field) => {
		const box = one("input[type=text]", field);
		const list = one("[role=listbox]", field);
		const said = one("[data-said]", field);
		const was = one("[data-was]", field);
		const ask = asker();
		let code = one("[data-code]", field);
		let active = -1;
		const options = () => all("[role=option]", list);
		const close = () => { list.hidden = true; active = -1; box.setAttribute("aria-expanded", "false"); box.removeAttribute("aria-activedescendant"); };
		const move = (to) => {
			const items = options();
			if (!items.length) return;
			active = (to + items.length) % items.length;
			items.forEach((item, i) => item.setAttribute("aria-selected", i === active));
			box.setAttribute("aria-activedescendant", items[active].id);
			items[active].scrollIntoView({ block: "nearest" });
		};
		const unsettle = () => {
			const offered = one("[data-offered]", field);
			if (offered) {
				code = document.createElement("input");
				Object.assign(code, { type: "hidden", name: box.id });
				offered.replaceWith(code);
			}
			code.value = was.value = "";
		};
		const pick = (item) => {
			unsettle();
			box.value = was.value = item.dataset.label;
			code.value = item.dataset.code;
			close();
			box.dispatchEvent(new Event("change", { bubbles: true }));
		};
		const look = async () => {
			const q = box.value.trim();
			if (!q) return close();
			let found;
			try {
				found = one("ul", await ask(field.dataset.typeahead + "?q=" + encodeURIComponent(q)));
			} catch { return; }
			if (!found || document.activeElement !== box) return;
			list.replaceChildren(...found.children);
			options().forEach((item, i) => { item.id = list.id + "-" + i; item.setAttribute("aria-selected", "false"); });
			said.textContent = found.dataset.said;
			list.hidden = false;
			active = -1;
			box.removeAttribute("aria-activedescendant");
			box.setAttribute("aria-expanded", "true");
		};
		const soon = later(150, look);
		for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id, "aria-haspopup": "listbox" })) box.setAttribute(name, value);
		box.addEventListener("input", () => { unsettle(); soon(); });
		box.addEventListener("blur", () => setTimeout(close, 150));
		list.addEventListener("mousedown", (e) => e.preventDefault());
		list.addEventListener("click", (e) => { const item = e.target.closest("[role=option]"); if (item) pick(item); });
		box.addEventListener("keydown", (e) => {
			if (e.isComposing) return;
			if (e.key === "ArrowDown" || e.key === "ArrowUp") {
				e.preventDefault();
				if (list.hidden) return look();
				move(e.key === "ArrowDown" ? active + 1 : active < 0 ? -1 : active - 1);
			} else if (e.key === "Enter" && !list.hidden && active >= 0) {
				e.preventDefault();
				pick(options()[active]);
			} else if (e.key === "Tab" && !list.hidden && active >= 0) {
				pick(options()[active]);
			} else if (e.key === "Escape" && !list.hidden) {
				e.stopPropagation();
				close();
			}
		});
	};

	// Results as one types. The answer may be the whole page or only the region.
	const live = (form) => {
		const ask = asker();
		let asked = new URLSearchParams(new FormData(form)).toString();
		const look = async () => {
			const query = new URLSearchParams(new FormData(form)).toString();
			if (query === asked) return;
			asked = query;
			const region = document.getElementById(form.dataset.live);
			const address = form.getAttribute("action") + "?" + query;
			region.setAttribute("aria-busy", "true");
			try {
				const found = (await ask(address)).getElementById(region.id);
				if (!found) return form.submit();
				const status = one("[role=status]", region);
				const news = one("[role=status]", found);
				if (status && news) {
					// The status stays in the page, so that its change is read out.
					status.textContent = news.textContent;
					news.remove();
					region.replaceChildren(status, ...found.childNodes);
				} else {
					region.replaceChildren(...found.childNodes);
				}
				history.replaceState(null, "", address);
			} catch (e) {
				if (e.name === "AbortError") return;
				asked = "";
			}
			region.removeAttribute("aria-busy");
		};
		const soon = later(200, look);
		form.addEventListener("input", soon);
		form.addEventListener("change", soon);
	};

	// Beside a form, what it says so far leads to. It is sent, never put in an address.
	const beside = (region) => {
		const form = region.closest("form");
		if (!form) return;
		let open, asked;
		const look = async () => {
			const body = new URLSearchParams(new FormData(form));
			if (asked === String(body) || region.contains(document.activeElement)) return;
			asked = String(body);
			open?.abort();
			open = new AbortController();
			try {
				const answer = await fetch(region.dataset.beside, { method: "POST", body, signal: open.signal, headers: { "Fera-Fragment": "1" }, credentials: "same-origin" });
				if (!answer.ok || answer.redirected) return;
				const found = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("beside");
				if (found) region.replaceChildren(...found.childNodes);
			} catch { }
		};
		const soon = later(300, look);
		form.addEventListener("input", soon);
		form.addEventListener("change", soon);
	};

	// Typed text is not lost by a slip, and a form is not sent twice by two taps.
	const guard = () => {
		const changed = new Set();
		document.addEventListener("input", (e) => { const form = e.target.closest?.("[data-guard]"); if (form) changed.add(form); });
		document.addEventListener("submit", (e) => {
			const form = e.target;
			if (e.defaultPrevented || form.getAttribute("method") !== "post") return;
			if (form.dataset.sent) return e.preventDefault();
			form.dataset.sent = "1";
			setTimeout(() => delete form.dataset.sent, 4000);
			changed.delete(form);
		});
		document.addEventListener("kept", (e) => changed.delete(e.target));
		addEventListener("pageshow", () => all("[data-sent]").forEach((form) => delete form.dataset.sent));
		addEventListener("beforeunload", (e) => { if (changed.size) e.preventDefault(); });
		return changed;
	};

	// Keeps a form while it is filled in, two seconds after the last change and when the window is left.
	const keep = (form) => {
		const said = one("[data-kept]", form);
		let kept = new URLSearchParams(new FormData(form)).toString();
		const save = async () => {
			const body = new URLSearchParams(new FormData(form)).toString();
			if (body === kept || form.dataset.sent) return;
			try {
				const answer = await fetch(form.dataset.draft, { method: "POST", body, keepalive: true, redirect: "manual", credentials: "same-origin",
					headers: { "Fera-Fragment": "1", "Content-Type": "application/x-www-form-urlencoded" } });
				if (!answer.ok) throw new Error("not kept");
				kept = body;
				const page = new DOMParser().parseFromString(await answer.text(), "text/html");
				said.textContent = one("#kept", page).textContent;
				form.dispatchEvent(new Event("kept", { bubbles: true }));
				follow(one("[data-questions]", page), body);
			} catch { said.textContent = form.dataset.unkept; }
		};
		// What was answered may bring up other questions. Nothing is exchanged under who types on.
		const follow = (fresh, sent) => {
			const here = one("[data-questions]", form);
			if (!fresh || !here || fresh.dataset.questions === here.dataset.questions || new URLSearchParams(new FormData(form)).toString() !== sent) return;
			const at = document.activeElement?.id;
			here.replaceWith(document.importNode(fresh, true));
			if (at) document.getElementById(at)?.focus();
			kept = new URLSearchParams(new FormData(form)).toString();
		};
		const soon = later(2000, save), sooner = later(250, save);
		form.addEventListener("input", soon);
		form.addEventListener("change", () => (one("[data-questions]", form) ? sooner : soon)());
		document.addEventListener("visibilitychange", () => { if (document.hidden) save(); });
	};

	// Leaves without a way back. What was on the screen is gone before the next page comes.
	const leaving = (changed) => {
		const exit = one("[data-exit]");
		if (!exit) return () => {};
		const go = () => { changed.clear(); const to = exit.href; document.body.hidden = true; document.title = " "; location.replace(to); };
		exit.addEventListener("click", (e) => { e.preventDefault(); go(); });
		let taps = [];
		return (e) => {
			if (e.key !== "Shift") { taps = []; return; }
			if (e.repeat) return;
			taps = [...taps.filter((at) => e.timeStamp - at < 1500), e.timeStamp];
			if (taps.length >= 3) go();
		};
	};

	const rows = (e) => {
		const here = e.target.closest?.("[data-rows]");
		if (!here || typing(e.target) || (e.key !== "ArrowDown" && e.key !== "ArrowUp")) return;
		const links = all("[data-row]", here);
		const at = links.indexOf(e.target.closest("tr") ? one("[data-row]", e.target.closest("tr")) : e.target);
		const next = links[at + (e.key === "ArrowDown" ? 1 : -1)];
		if (next) { e.preventDefault(); next.focus(); }
	};

	const help = () => { const keys = document.getElementById("keys"); if (keys && !keys.open) keys.showModal(); };

	const menus = () => {
		const shut = (but) => all("details.menu[open]").forEach((menu) => { if (menu !== but) menu.open = false; });
		document.addEventListener("click", (e) => shut(e.target.closest("details.menu")));
		document.addEventListener("keydown", (e) => {
			const menu = e.key === "Escape" && one("details.menu[open]");
			if (menu) { menu.open = false; one("summary", menu).focus(); }
		});
	};

	const veil = () => {
		if (!one("[data-protected]")) return;
		addEventListener("blur", () => root.classList.add("veiled"));
		addEventListener("focus", () => root.classList.remove("veiled"));
		document.addEventListener("visibilitychange", () => { if (document.hidden) root.classList.add("veiled"); else if (document.hasFocus()) root.classList.remove("veiled"); });
	};

	all("[data-typeahead]").forEach(typeahead);
	all("[data-live]").forEach(live);
	all("[data-draft]").forEach(keep);
	all("[data-beside]").forEach(beside);
	all("[data-keys]").forEach((button) => { button.hidden = false; button.addEventListener("click", help); });
	const away = leaving(guard());
	menus();
	veil();
	document.addEventListener("keydown", (e) => {
		away(e);
		rows(e);
		if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey || typing(e.target)) return;
		const answer = /^[1-9]$/.test(e.key) && all("[data-digits] input[type=radio]")[e.key - 1];
		if (answer) { e.preventDefault(); answer.focus(); answer.click(); }
		const next = e.key === "n" && one("[data-next]");
		if (next) { e.preventDefault(); next.click(); }
		if (e.key === "?") { e.preventDefault(); help(); }
		const box = e.key === "/" && (one("main [data-live] input[type=search]") || document.getElementById("find"));
		if (box) { e.preventDefault(); box.focus(); box.select(); }
	});
	one("[data-focus]")?.focus();
})();
