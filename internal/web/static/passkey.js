// Passkeys: the browser makes them and shows them. Where it cannot, the buttons
// stay hidden and one-time codes do the same.
"use strict";
(function () {
	function bytes(text) {
		var binary = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
		return Uint8Array.from(binary, function (c) { return c.charCodeAt(0); });
	}
	function text(buffer) {
		return btoa(String.fromCharCode.apply(null, new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
	}
	function send(path, body) {
		return fetch(path, { method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body || {}) })
			.then(function (answer) {
				if (answer.status === 204) { return null; }
				return answer.json().then(function (value) {
					if (!answer.ok) { throw new Error(value.problem || ""); }
					return value;
				});
			});
	}
	function tell(message) {
		var place = document.getElementById("passkey-problem");
		place.textContent = message || place.getAttribute("data-otherwise");
		place.hidden = false;
	}
	function ask(begin, finish, button) {
		var creating = button.hasAttribute("data-create"), name = document.getElementById("passkey-name");
		send(begin).then(function (challenge) {
			var options = challenge.options.publicKey;
			options.challenge = bytes(options.challenge);
			if (options.user) { options.user.id = bytes(options.user.id); }
			(options.excludeCredentials || []).concat(options.allowCredentials || []).forEach(function (c) { c.id = bytes(c.id); });
			var made = creating ? navigator.credentials.create({ publicKey: options }) : navigator.credentials.get({ publicKey: options });
			return made.then(function (credential) {
				var r = credential.response, response = { clientDataJSON: text(r.clientDataJSON) };
				if (creating) {
					response.attestationObject = text(r.attestationObject);
					response.transports = r.getTransports ? r.getTransports() : [];
				} else {
					response.authenticatorData = text(r.authenticatorData);
					response.signature = text(r.signature);
					response.userHandle = r.userHandle ? text(r.userHandle) : "";
				}
				return send(finish, { state: challenge.state, name: name ? name.value : "",
					response: { id: credential.id, rawId: text(credential.rawId), type: credential.type, response: response } });
			});
		}).then(function () { location.href = button.getAttribute("data-then"); }, function (error) { tell(error.message); });
	}
	if (window.PublicKeyCredential) {
		document.querySelectorAll("[data-passkey]").forEach(function (button) {
			button.hidden = false;
			button.addEventListener("click", function () { ask(button.getAttribute("data-begin"), button.getAttribute("data-finish"), button); });
		});
	}
	// An invitation's link carries its code after "#", which no server is sent.
	var invitation = document.getElementById("invitation");
	if (invitation && location.hash.length > 8) {
		invitation.value = decodeURIComponent(location.hash.slice(1));
		history.replaceState(null, "", location.pathname + location.search);
	}
	document.querySelectorAll("[data-print]").forEach(function (button) {
		button.hidden = false;
		button.addEventListener("click", function () { window.print(); });
	});
})();
