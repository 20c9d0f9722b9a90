// Small helps for who works at a desk. Every page works without them.
"use strict";
(function () {
	document.querySelectorAll("[data-print]").forEach(function (button) {
		button.hidden = false;
		button.addEventListener("click", function () { window.print(); });
	});
	// How much of the least number of characters is written, as readers count them.
	var cut = window.Intl && Intl.Segmenter ? new Intl.Segmenter("km", { granularity: "grapheme" }) : null;
	function length(text) {
		text = text.replace(/\u200b/g, "").trim();
		return cut ? Array.from(cut.segment(text)).length : Array.from(text).length;
	}
	document.querySelectorAll("textarea[data-least]").forEach(function (field) {
		var told = document.getElementById(field.getAttribute("data-told")), least = Number(field.getAttribute("data-least"));
		function tell() {
			var n = length(field.value);
			told.textContent = told.getAttribute("data-say").replace("{n}", n).replace("{least}", least);
			told.className = n < least ? "hint late" : "hint";
		}
		if (told) {
			field.addEventListener("input", tell);
			tell();
		}
	});
	// A file that is too large is told of before it is sent.
	document.querySelectorAll("input[type=file][data-most]").forEach(function (input) {
		input.addEventListener("change", function () {
			var most = Number(input.getAttribute("data-most")) * 1048576, wrong = "";
			Array.from(input.files).forEach(function (file) {
				if (file.size > most) { wrong = input.getAttribute("data-say").replace("{name}", file.name); }
			});
			input.setCustomValidity(wrong);
			input.reportValidity();
		});
	});
	// A draft is kept as it is typed: on the server while there is a line to it, in
	// this tab otherwise.
	var form = document.querySelector("form[data-autosave]");
	if (!form || !window.fetch || !window.FormData) { return; }
	var key = "answer " + location.pathname, said = document.getElementById("kept"), dirty = false, busy = false, stopped = false;
	function fields() { return form.querySelectorAll("textarea, select, input[type=text], input[type=date]"); }
	function version() { return form.elements.version.value; }
	try {
		var kept = JSON.parse(sessionStorage.getItem(key));
		if (kept && kept.version === version() && !document.getElementById("problem")) {
			fields().forEach(function (field) {
				if (kept.fields[field.name] !== undefined && kept.fields[field.name] !== field.value) {
					field.value = kept.fields[field.name];
					dirty = true;
				}
			});
		} else { sessionStorage.removeItem(key); }
	} catch (e) { /* nothing was kept */ }
	function keepHere() {
		var all = {};
		fields().forEach(function (field) { all[field.name] = field.value; });
		try { sessionStorage.setItem(key, JSON.stringify({ version: version(), fields: all })); } catch (e) { /* full or forbidden */ }
	}
	function save() {
		if (!dirty || busy || stopped) { return; }
		busy = true;
		dirty = false;
		var body = new FormData(form);
		body.delete("file");
		body.set("step", "autosave");
		fetch(form.action, { method: "POST", body: body, headers: { Accept: "application/json" }, credentials: "same-origin" }).then(function (reply) {
			return reply.json().then(function (told) {
				busy = false;
				said.textContent = told.message;
				if (reply.ok) {
					form.elements.version.value = told.version;
					if (dirty) { keepHere(); } else { try { sessionStorage.removeItem(key); } catch (e) { /* as above */ } }
				} else {
					dirty = true;
					stopped = reply.status === 409; // somebody has to look first
				}
			});
		}).catch(function () {
			busy = false;
			dirty = true; // no line: it stays in this tab until there is one
		});
	}
	form.addEventListener("input", function () { dirty = true; keepHere(); });
	form.addEventListener("focusout", save);
	form.addEventListener("submit", function () { stopped = true; });
	setInterval(save, 20000);
	document.addEventListener("visibilitychange", function () { if (document.hidden) { save(); } });
})();
