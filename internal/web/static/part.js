// Small helps for who takes part. Every page works without them.
"use strict";
(function () {
	// What is typed stays in this tab until it is sent: a lost connection or a
	// reload loses nothing.
	var store = window.sessionStorage, key = "draft " + location.pathname;
	document.querySelectorAll("form[data-keep]").forEach(function (form) {
		var fields = form.querySelectorAll("textarea, select, input[type=text]");
		var kept = {};
		try { kept = JSON.parse(store.getItem(key)) || {}; } catch (e) { kept = {}; }
		fields.forEach(function (field) {
			if (field.tagName === "TEXTAREA" && field.value === "" && kept[field.name]) { field.value = kept[field.name]; }
			field.addEventListener("input", function () {
				kept[field.name] = field.value;
				try { store.setItem(key, JSON.stringify(kept)); } catch (e) { /* full or forbidden: the page still works */ }
			});
		});
	});
	if (document.querySelector("[data-forget]")) {
		try { store.clear(); } catch (e) { /* nothing was kept */ }
	}
	document.querySelectorAll("[data-print]").forEach(function (button) {
		button.hidden = false;
		button.addEventListener("click", function () { window.print(); });
	});
	// A receipt's picture may carry the secret after "#", which no server is
	// sent. It goes into the field and out of the address.
	var secret = document.getElementById("secret");
	if (secret && location.hash.length > 8) {
		secret.value = decodeURIComponent(location.hash.slice(1));
		history.replaceState(null, "", location.pathname + location.search);
	}
})();
