// Checks receipts where they are read: on the reader's device, with what the page
// holds. A file that is chosen is sent to nobody. doc/spec-receipt.md has the
// checks; doc/vectors holds this script and package translog to the same cases.
// Where the browser is too old for it, the page is as it is without scripts.
"use strict";
(function () {
	const maxReceipt = 1 << 20, maxCheckpoint = 65536, maxHeader = 60000, maxProof = 64, maxSignatures = 100;
	const maxSize = Math.pow(2, 48); // below 2^53: sizes are exact as numbers, but too large for bitwise operators
	const plainKey = 1, witnessKey = 4; // how a key signs (C2SP signed-note)
	const subtle = window.crypto && window.crypto.subtle; // missing where a page came without https

	// fail ends a check: its name, why, and what it is about.
	function fail(check, why, about) { throw Object.assign(new Error(check + ": " + why), { check: check, why: why, about: about }); }
	function utf8(text) { return new TextEncoder().encode(text); }
	function join() {
		const out = new Uint8Array(Array.from(arguments).reduce((n, part) => n + part.length, 0));
		Array.from(arguments).reduce((n, part) => { out.set(part, n); return n + part.length; }, 0);
		return out;
	}
	function same(a, b) { return a.length === b.length && a.every((x, i) => x === b[i]); }
	async function sha256(bytes) { return new Uint8Array(await subtle.digest("SHA-256", bytes)); }

	// base64 gives the bytes, or null. strict refuses bits behind the last byte:
	// one value then has one spelling.
	function base64(text, strict) {
		if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) { return null; }
		const binary = atob(text);
		return strict && btoa(binary) !== text ? null : Uint8Array.from(binary, c => c.charCodeAt(0));
	}
	const base64url = bytes => btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

	// quoted writes a text as canonical JSON has it.
	function quoted(text) { return JSON.stringify(text).replace(/\u2028/g, "\\u2028").replace(/\u2029/g, "\\u2029"); }

	// decodeReceipt takes a file apart. It is written again and compared: this
	// catches repeated and unknown fields, other order, white space, a missing proof.
	function decodeReceipt(bytes) {
		if (bytes.length > maxReceipt) { fail("format", "too long"); }
		let text, file;
		try {
			text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
			file = JSON.parse(text);
		} catch (e) { fail("format", "not JSON"); }
		const isText = s => typeof s === "string" && !/[\ud800-\udfff]/u.test(s);
		const isHash = s => typeof s === "string" && s.length === 44 && (base64(s, true) || "").length === 32;
		const whole = file && file.version === 1 && Number.isInteger(file.index) && file.index >= 0 && file.index < maxSize && isText(file.header) &&
			Array.isArray(file.openings) && file.openings.every(o => o && isText(o.name) && isText(o.content) && typeof o.salt === "string" && (base64(o.salt, true) || "").length === 16) &&
			(file.checkpoint === undefined ? file.inclusion === undefined : isText(file.checkpoint) && file.checkpoint !== "" &&
				Array.isArray(file.inclusion) && file.inclusion.length <= maxProof && file.inclusion.every(isHash));
		if (!whole) { fail("format", "not a receipt"); }
		const again = '{"version":1,"index":' + file.index + ',"header":' + quoted(file.header) +
			',"openings":[' + file.openings.map(o => '{"name":' + quoted(o.name) + ',"salt":"' + o.salt + '","content":' + quoted(o.content) + "}").join(",") + "]" +
			(file.checkpoint === undefined ? "" : ',"checkpoint":' + quoted(file.checkpoint) + ',"inclusion":[' + file.inclusion.map(quoted).join(",") + "]") + "}\n";
		if (again !== text) { fail("format", "not in canonical form"); }
		return file;
	}

	const id = "(?!0{26})[0-7][0-9a-hjkmnp-tv-z]{25}", digest = "[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]";
	const front = new RegExp('^\\{"v":1,"kind":"([a-z_.]+)","id":"' + id + '","at":"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:00:00Z)","by":' +
		'(?:"participant"|"system"|\\{"organisation":"' + id + '"(?:,"role":"[a-z_]+","staff":"' + id + '")?\\})(?:,"of":"' + id + '")?,"facts":(?=\\{)');
	const back = new RegExp('^(?:,"sections":\\{("[a-z_]+":"' + digest + '"(?:,"[a-z_]+":"' + digest + '")*)\\})?\\}$');

	// decodeHeader reads the public part of an act. What the facts of each kind may
	// say is left to those who audit the log.
	function decodeHeader(text, kinds) {
		const wrong = why => fail("header", why);
		const begin = front.exec(text);
		if (!begin || utf8(text).length > maxHeader) { wrong("not a header"); }
		if (!kinds.includes(begin[1])) { wrong("a kind that is not known"); }
		const at = new Date(begin[2]);
		if (isNaN(at) || at.toISOString() !== begin[2].replace("Z", ".000Z") || at < 0) { wrong("not an hour"); }
		let end = begin[0].length, depth = 0, inText = false;
		do {
			const c = text[end++];
			if (c === undefined) { wrong("facts without an end"); }
			if (inText && c === "\\") { end++; } else if (c === '"') { inText = !inText; } else if (!inText) { depth += c === "{" ? 1 : c === "}" ? -1 : 0; }
		} while (depth > 0);
		const facts = text.slice(begin[0].length, end), rest = back.exec(text.slice(end));
		if (!rest || /\s/.test(facts.replace(/"(?:[^"\\]|\\.)*"/g, ""))) { wrong("not in canonical form"); }
		const header = { kind: begin[1], at: at, sections: [] };
		try { header.facts = JSON.parse(facts); } catch (e) { wrong("facts that are not JSON"); }
		if (rest[1]) { header.sections = rest[1].split(",").map(s => { const parts = s.split('"'); return { name: parts[1], digest: parts[3] }; }); }
		if (header.sections.some((s, i) => i > 0 && header.sections[i - 1].name >= s.name)) { wrong("sections out of order"); }
		return header;
	}

	async function checkOpenings(file, header) {
		const seen = [];
		for (const o of file.openings) {
			const section = header.sections.find(s => s.name === o.name);
			if (!section) { fail("opening", "no such section", o.name); }
			if (seen.includes(o.name)) { fail("opening", "opened twice", o.name); }
			const made = await sha256(join(utf8("samleng section v1\n"), base64(o.salt, true), utf8(o.content)));
			if (base64url(made) !== section.digest) { fail("opening", "another digest", o.name); }
			seen.push(o.name);
		}
	}

	const isName = s => s !== "" && !/[\p{White_Space}+]/u.test(s);
	const isOrigin = s => isName(s) && !/\p{Cc}/u.test(s) && utf8(s).length <= 255;

	// parseKey reads a verifier key, name+hash+base64; null if it is none.
	async function parseKey(text) {
		const parts = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/u.exec(text), raw = parts && base64(parts[3], true);
		if (!raw || raw.length !== 33 || !isOrigin(parts[1]) || raw[0] !== plainKey && raw[0] !== witnessKey) { return null; }
		const sum = await sha256(join(utf8(parts[1] + "\n"), raw));
		return hex(sum.slice(0, 4)) === parts[2] ? { name: parts[1], hash: parts[2], witness: raw[0] === witnessKey, bytes: raw.slice(1), text: text } : null;
	}
	function hex(bytes) { return Array.from(bytes, b => b.toString(16).padStart(2, "0")).join(""); }

	// ed25519 gives true or false, and null where the browser does not know it.
	async function ed25519(key, message, signature) {
		let imported;
		try {
			imported = await subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
		} catch (e) { return e.name === "DataError" ? false : null; }
		return subtle.verify({ name: "Ed25519" }, imported, signature, message);
	}

	// signedBy checks one signature and says when a witness gave it (seconds).
	async function signedBy(key, text, signature) {
		if (!key.witness) { return { right: signature.length === 64 ? await ed25519(key.bytes, utf8(text), signature) : false }; }
		if (signature.length !== 72 || signature[0] > 127) { return { right: false }; }
		const time = BigInt("0x" + hex(signature.slice(0, 8)));
		return { time: time, right: await ed25519(key.bytes, utf8("cosignature/v1\ntime " + time + "\n" + text), signature.slice(8)) };
	}

	async function parseCheckpoint(text) {
		const lines = text.split("\n"), root = lines.length === 4 && base64(lines[2], true);
		if (!root || root.length !== 32 || lines[3] !== "" || !isOrigin(lines[0]) || !/^(?:0|[1-9][0-9]{0,15})$/.test(lines[1]) || Number(lines[1]) > maxSize) {
			fail("signature", "malformed");
		}
		const c = { origin: lines[0], size: Number(lines[1]), root: root };
		if (c.size === 0 && !same(root, await sha256(new Uint8Array(0)))) { fail("signature", "malformed"); }
		return c;
	}

	// openCheckpoint reads a signed checkpoint of the log called origin. A signature
	// by a known key must be right; one by an unknown key proves nothing and is
	// named. Without Ed25519 in the browser, unchecked is true.
	async function openCheckpoint(note, origin, keys) {
		const split = note.lastIndexOf("\n\n"), text = note.slice(0, split + 1), lines = note.slice(split + 2).split("\n");
		if (split < 0 || utf8(note).length > maxCheckpoint || /[\u0000-\u0009\u000b-\u001f]/.test(note) || lines.length < 2 || lines.pop() !== "" || lines.length > maxSignatures) {
			fail("signature", "malformed");
		}
		const found = { log: [], cosignatures: [], unknown: [], unchecked: false }, seen = [];
		for (const line of lines) {
			const at = line.indexOf(" ", 2), name = line.slice(2, at), raw = at > 0 && base64(line.slice(at + 1));
			if (!line.startsWith("\u2014 ") || !raw || raw.length < 5 || !isName(name)) { fail("signature", "malformed"); }
			const hash = hex(raw.slice(0, 4)), key = keys.find(k => k.name === name && k.hash === hash);
			if (!key) {
				if (!found.unknown.includes(name)) { found.unknown.push(name); }
				continue;
			}
			if (seen.includes(key)) { continue; }
			seen.push(key);
			const signed = await signedBy(key, text, raw.slice(4));
			if (signed.right === false) { fail("signature", "wrong", name); }
			found.unchecked = found.unchecked || signed.right === null;
			if (key.witness) {
				found.cosignatures.push({ name: name, time: signed.time });
			} else {
				(name === origin ? found.log : found.unknown).push(name);
			}
		}
		Object.assign(found, await parseCheckpoint(text));
		if (found.origin !== origin) { fail("signature", "another log", found.origin); }
		if (found.log.length === 0) { fail("signature", "not signed", origin); }
		return found;
	}

	const paperWords = { "a": "A", "ក": "A", "b": "B", "ខ": "B", "c": "C", "គ": "C", "d": "D", "ឃ": "D" };
	[["size", "entries size ធាតុ ទំហំ ចំនួនធាតុ"], ["date", "date day printed កាលបរិច្ឆេទ ថ្ងៃ ថ្ងៃទី"], ["log", "log origin កំណត់ហេតុ"], ["none", "samleng checkpoint utc check សំឡេង ស្ថានភាពកំណត់ហេតុ"]]
		.forEach(kind => kind[1].split(" ").forEach(word => { paperWords[word] = kind[0]; }));

	// parsePaper reads a checkpoint typed from paper (doc/spec-log.md, On paper) and
	// gives origin, size and root, or wrong: the part that is.
	function parsePaper(text) {
		const parts = { "": "", A: "", B: "", C: "", D: "", size: "", date: "" }, letters = ["A", "B", "C", "D"], rows = [];
		const leaves1 = (number, digits) => Array.from(number + digits).reduce((rest, d) => (rest * 10 + Number(d)) % 97, 0) === 1;
		let origin = "", day = "", part = "";
		if (utf8(text).length > 4096) { return { wrong: "" }; }
		for (let row of text.split("\n")) {
			row = row.replace(/\p{Cf}/gu, "").replace(/[០-៩]/g, d => d.charCodeAt(0) - 0x17e0);
			const named = /^([^:៖]*)[:៖](.*)$/s.exec(row) || /^\s*(\S*)(.*)$/s.exec(row), label = named[1].toLowerCase().split(/[\s/]+/).filter(word => word);
			if (label.length && label.every(word => paperWords[word] === "log")) {
				if (origin || !isOrigin(named[2].trim())) { return { wrong: "log" }; }
				origin = named[2].trim();
				part = "";
				continue;
			}
			const found = /(^|[^0-9])([0-9]{4})[-./]([0-9]{2})[-./]([0-9]{2})(?![0-9])/.exec(row);
			if (found) {
				const iso = found.slice(2).join("-"), time = new Date(iso + "T00:00:00Z");
				if (day || isNaN(time) || time.toISOString().slice(0, 10) !== iso) { return { wrong: "date" }; }
				day = iso;
				row = row.replace(found[0], found[1] + " ");
			}
			if (part === "size" || part === "date") { part = ""; }
			const before = parts[""].length;
			for (const token of row.match(/[0-9]+|\p{L}[\p{L}\p{M}]*|[^\s\p{P}−|]/gu) || []) {
				if (/^[0-9]/.test(token)) { parts[part] += token; continue; }
				const next = paperWords[token.toLowerCase()];
				if (!next || next === "log") { return { wrong: part }; }
				if (next !== "none" && parts[next]) { return { wrong: next }; }
				if (next !== "none") { part = next; }
			}
			if (parts[""].length > before) { rows.push(parts[""].length - before); }
		}
		if (parts.date) { return { wrong: "date" }; }
		if (letters.every(l => !parts[l])) {
			const free = parts[""], last = rows.slice(-4), byRow = rows.length >= 4 && rows.length <= 5 && last.every(n => n >= 16 && n <= 28);
			let at = byRow ? rows.slice(0, -4).reduce((n, row) => n + row, 0) : free.length - 88;
			if (at < 0 || at > 17 || at === 0 && !byRow && !parts.size) { return { wrong: "" }; }
			parts[""] = free.slice(0, at);
			letters.forEach((l, i) => { const n = byRow ? last[i] : 22; parts[l] = free.slice(at, at + n); at += n; });
		}
		const missing = letters.find(l => !parts[l]);
		if (missing || parts[""] && parts.size) { return { wrong: missing || "" }; }
		const size = parts.size || parts[""], root = new Uint8Array(32);
		if (size.length < 3 || size.length > 17 || Number(size.slice(0, -2)) > maxSize || !leaves1("", size)) { return { wrong: "size" }; }
		for (let i = 0; i < 4; i++) {
			const groups = parts[letters[i]].slice(0, 20).match(/.{5}/g) || [];
			if (parts[letters[i]].length !== 22 || groups.some(g => g > 65535) || !leaves1(i + 1, parts[letters[i]])) { return { wrong: letters[i] }; }
			groups.forEach((g, j) => { root[8 * i + 2 * j] = g >> 8; root[8 * i + 2 * j + 1] = g & 255; });
		}
		if (Number(size.slice(0, -2)) === 0 && btoa(String.fromCharCode(...root)) !== "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=") { return { wrong: "size" }; }
		return { origin: origin, size: Number(size.slice(0, -2)), root: root, day: day };
	}

	// leadsTo follows an inclusion proof (RFC 9162, section 2.1.3.2) by division.
	async function leadsTo(leaf, index, size, proof, root) {
		if (index >= size) { return false; }
		let here = index, last = size - 1, hash = leaf;
		for (const other of proof) {
			if (last === 0) { return false; }
			if (here % 2 === 1 || here === last) {
				hash = await sha256(join([1], other, hash));
				while (here % 2 === 0 && here > 0) { here /= 2; last = Math.floor(last / 2); }
			} else {
				hash = await sha256(join([1], hash, other));
			}
			here = Math.floor(here / 2);
			last = Math.floor(last / 2);
		}
		return last === 0 && same(hash, root);
	}

	// verifyReceipt makes the checks in their order and gives what is known after
	// them: failed names the first that did not hold.
	async function verifyReceipt(bytes, origin, keys, kinds) {
		const r = { failed: "", pending: false, file: null, header: null, checkpoint: null };
		try {
			r.file = decodeReceipt(bytes);
			r.pending = r.file.checkpoint === undefined;
			r.header = decodeHeader(r.file.header, kinds);
			await checkOpenings(r.file, r.header);
			if (!r.pending) {
				r.checkpoint = await openCheckpoint(r.file.checkpoint, origin, keys);
				const leaf = await sha256(join([0], utf8(r.file.header)));
				if (!await leadsTo(leaf, r.file.index, r.checkpoint.size, r.file.inclusion.map(h => base64(h)), r.checkpoint.root)) { fail("inclusion", "wrong"); }
			}
		} catch (e) {
			if (!e.check) { throw e; }
			r.failed = e.check;
			r.why = e.why;
			r.about = e.about;
		}
		return r;
	}

	// able says whether this browser can check anything; without Ed25519 it checks
	// all but signatures.
	window.samleng = { able: Boolean(subtle), maxReceipt: maxReceipt, verifyReceipt: verifyReceipt, openCheckpoint: openCheckpoint, leadsTo: leadsTo, parseKey: parseKey, parsePaper: parsePaper, same: same, sha256: sha256, base64: base64 };
})();
