// The part of a page that checks a receipt file on the reader's device, with
// verify.js. The file is sent to nobody. Its words stand in a template of the
// page: this script has none of its own.
"use strict";
(function () {
	const place = document.getElementById("device");
	if (!place) { return; }
	const words = document.getElementById("device-words").content, input = document.getElementById("device-file"), pasted = document.getElementById("device-keys");
	const verdict = document.getElementById("device-verdict"), result = document.getElementById("device-result"), mine = document.getElementById("device-mine");
	const list = name => place.getAttribute("data-" + name).split("|");
	const grouped = n => String(n).replace(/\B(?=(?:\d{3})+$)/g, ",");
	function fill(text, values) {
		return text.replace(/\{(\w+)\}/g, (all, name) => values && name in values ? typeof values[name] === "number" ? grouped(values[name]) : values[name] : all);
	}
	function say(key, values) { return fill(words.querySelector('[data-say="' + key + '"]').textContent, values); }
	function element(name, className, text) {
		const e = document.createElement(name);
		e.className = className || "";
		e.textContent = text || "";
		return e;
	}
	// line is one thing that was found: sign, word, text.
	function line(e, state, text) {
		e.append(words.querySelector('[data-sign="' + state + '"]').firstElementChild.cloneNode(true), element("strong", "", say("word." + state)), " " + text);
		e.classList.add("found", state);
		return e;
	}
	// moment writes a time in the programme's zone. Browsers have no Khmer dates, so
	// only the numbers come from Intl; the names are the page's.
	function moment(date) {
		if (isNaN(date)) { return { date: "?", time: "?" }; }
		const parts = { timeZone: place.getAttribute("data-zone"), hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" };
		const p = {};
		new Intl.DateTimeFormat("en-u-ca-gregory-nu-latn", parts).formatToParts(date).forEach(part => { p[part.type] = part.value; });
		const day = fill(say("date.long"), { weekday: list("weekdays")[new Date(Date.UTC(p.year, p.month - 1, p.day)).getUTCDay()], day: p.day, month: list("months")[p.month - 1], year: p.year });
		return { date: day, time: p.hour + ":" + p.minute };
	}
	function hour(at) {
		const from = moment(at);
		return say("date.hour", { date: from.date, from: from.time, to: moment(new Date(+at + 3600000)).time });
	}

	// readKeys gives the keys to check with: those that were pasted where one of
	// them is a log's, else this site's and those. What is no key is a checkpoint
	// typed from paper.
	async function readKeys() {
		const known = { origin: place.getAttribute("data-origin"), keys: [], own: false };
		const lines = pasted.value.split("\n").map(s => s.trim()).filter(s => s !== ""), paper = [];
		let first = 0;
		for (let i = 0; i < lines.length; i++) {
			const key = await samleng.parseKey(lines[i]);
			if (!key) {
				first = first || i + 1;
				paper.push(lines[i]);
				continue;
			}
			if (!known.keys.some(k => k.text === key.text)) { known.keys.push(key); }
			if (!key.witness && !known.own) { known.own = true; known.origin = key.name; }
		}
		if (first) {
			if ((paper.join("").match(/[0-9០-៩]/g) || []).length < 20) { return { wrong: first }; }
			known.paper = samleng.parsePaper(paper.join("\n"));
			if (known.paper.origin && known.paper.origin !== known.origin) { known.paper.wrong = "log"; }
			if (known.paper.wrong !== undefined) { return { wrong: first, part: known.paper.wrong }; }
		}
		for (const text of list("keys")) {
			const key = await samleng.parseKey(text);
			if (key && !known.keys.some(k => k.text === key.text) && (key.witness || !known.own)) { known.keys.push(key); }
		}
		return known;
	}

	let chosen = null, round = 0;
	async function check() {
		if (!chosen) { return; }
		const turn = ++round, known = await readKeys(), wrong = document.getElementById("device-keys-wrong");
		wrong.hidden = !known.wrong;
		pasted.setAttribute("aria-invalid", String(Boolean(known.wrong)));
		if (known.wrong) {
			wrong.textContent = known.part ? say("paper_wrong", { part: known.part.length === 1 ? known.part : say("part." + known.part) }) : say("keys_wrong", { n: known.wrong });
			show("unchecked", say("verdict.keys"), []);
			return;
		}
		const r = await samleng.verifyReceipt(chosen, known.origin, known.keys, list("kinds"));
		if (!r.failed && !r.pending && known.paper && known.paper.size === r.checkpoint.size && !samleng.same(known.paper.root, r.checkpoint.root)) { r.failed = "paper"; }
		if (turn === round) { tell(r, known); }
	}
	function show(state, text, below) {
		verdict.replaceChildren(line(element("p", "lead"), state, text));
		result.replaceChildren(...below);
	}

	// stepOf says in a line what one check found.
	const order = ["format", "header", "opening", "signature", "inclusion", "paper"];
	function stepOf(check, r, known) {
		const li = element("li");
		if (r.failed === check) {
			const keys = { "another log": "signature.origin", "not signed": "signature.unsigned", "wrong": check === "signature" ? "signature.bad" : "" };
			return line(li, "wrong", say(keys[r.why] || check + ".wrong", { name: r.about, section: r.about, origin: known.origin }));
		}
		if (r.failed && order.indexOf(check) > order.indexOf(r.failed)) { return line(li, "unchecked", say(check + ".skipped")); }
		if (r.pending && order.indexOf(check) > 2) { return line(li, "pending", say(check + ".skipped")); }
		if (check === "paper" && known.paper.size !== r.checkpoint.size) { return line(li, "unchecked", say("paper.other", { size: known.paper.size, own: r.checkpoint.size })); }
		if (check === "opening" && r.file.openings.length === 0) { return line(li, "unchecked", say("opening.none")); }
		if (check === "signature" && r.checkpoint.unchecked) { return line(li, "unchecked", say("signature.unchecked", { command: say("command") })); }
		return line(li, "right", say(check + (check === "signature" && known.own ? ".own" : ".right"), {
			kind: r.header && (list("kind-words")[list("kinds").indexOf(r.header.kind)] || r.header.kind), at: r.header && hour(r.header.at), sections: r.file.openings.map(o => o.name).join(", "),
			name: known.origin, index: r.file.index, size: r.checkpoint ? r.checkpoint.size : 0 }));
	}
	function tell(r, known) {
		const checks = element("ul", "checks"), c = r.checkpoint, good = !r.failed && !r.pending, part = good && c.unchecked;
		order.filter(check => check !== "paper" || known.paper).forEach(check => checks.append(stepOf(check, r, known)));
		if (good) {
			c.cosignatures.forEach(w => checks.append(line(element("li"), part ? "unchecked" : "right", say("witness.right", { name: w.name, at: say("date.time", moment(new Date(Number(w.time) * 1000))) }))));
			if (c.unknown.length) { checks.append(line(element("li"), "unchecked", say("witness.unknown", { names: c.unknown.join(", ") }))); }
		}
		const below = [checks], closed = r.header ? r.header.sections.filter(s => !r.file.openings.some(o => o.name === s.name)) : [];
		if (closed.length && !r.failed) { below.push(element("p", "hint", say("opening.closed", { sections: closed.map(s => s.name).join(", ") }))); }
		if (!r.failed) { below.push(...shown(r)); }
		if (r.failed || r.pending) { below.push(element("p", "notice", say(r.failed ? "wrong.what" : "pending.what"))); }
		if (good) {
			const not = element("ul");
			[part ? "not.signed" : "", "not.done", "not.whole", c.cosignatures.length && !part ? "not.others" : "not.witness", known.own || part ? "" : "not.key"]
				.filter(key => key).forEach(key => not.append(element("li", "", say(key))));
			const yes = element("ul");
			(part ? ["proves.part"] : ["proves.there", "proves.kept"]).forEach(key => yes.append(element("li", "", say(key))));
			below.push(element("h3", "", say("proves")), yes, element("h3", "", say("not")), not);
		}
		show(r.failed ? "wrong" : r.pending ? "pending" : part ? "unchecked" : "right", say("verdict." + (r.failed ? "wrong" : r.pending ? "pending" : part ? "part" : known.own ? "own" : "right")), below);
	}
	// shown are the words that were checked, where they are a text.
	function shown(r) {
		const found = r.file.openings.map(o => { try { return JSON.parse(o.content).text; } catch (e) { return null; } }).filter(text => typeof text === "string");
		if (found.length === 0) { return []; }
		return [element("h3", "", say("words"))].concat(found.map(text => {
			const quote = element("blockquote", "words", text);
			if (/^[a-z]{2,3}$/.test(r.header.facts.written || "")) { quote.lang = r.header.facts.written; }
			return quote;
		}));
	}

	function take(bytes) {
		verdict.replaceChildren(element("p", "", say("busy")));
		result.replaceChildren();
		return bytes.then(buffer => { chosen = new Uint8Array(buffer); return check(); });
	}
	input.addEventListener("change", () => {
		const file = input.files[0];
		// Of a file that is too long the first bytes are enough to refuse it.
		if (file) { take(new Response(file.slice(0, samleng.maxReceipt + 1)).arrayBuffer()).catch(() => show("unchecked", say("verdict.unread"), [])); }
	});
	pasted.addEventListener("input", check);
	if (mine) {
		mine.addEventListener("click", () => {
			const form = document.querySelector('form[action="/receipt/file"]');
			take(fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), credentials: "same-origin" })
				.then(answer => answer.ok ? answer.arrayBuffer() : Promise.reject(answer))).catch(() => show("unchecked", say("verdict.unfetched"), []));
		});
	}
	place.hidden = false;
	if (!samleng.able) {
		input.disabled = true;
		if (mine) { mine.disabled = true; }
		show("unchecked", say("verdict.insecure", { command: say("command"), scheme: "https" }), []);
	}
})();
