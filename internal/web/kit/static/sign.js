// SPDX-License-Identifier: Apache-2.0
// A signature on the screen. Without it, the file that she signed is chosen.
(() => {
	"use strict";

	const one = (query, from) => from.querySelector(query);

	// What is drawn with a finger, a pen or a mouse becomes the picture of the file beside it.
	const sign = (field) => {
		const place = one(".sign", field), canvas = one("canvas", place), file = one("input[type=file]", field), pen = canvas.getContext("2d");
		let drawing = false, drawn = false;
		const at = (e) => {
			const box = canvas.getBoundingClientRect();
			return [(e.clientX - box.left) * canvas.width / box.width, (e.clientY - box.top) * canvas.height / box.height];
		};
		const clear = () => {
			pen.fillStyle = "#fff";
			pen.fillRect(0, 0, canvas.width, canvas.height);
			Object.assign(pen, { strokeStyle: "#123", lineWidth: 5, lineCap: "round", lineJoin: "round" });
			drawn = false;
		};
		const keep = () => canvas.toBlob((blob) => {
			if (!blob || !drawn) return;
			const files = new DataTransfer();
			files.items.add(new File([blob], "signature.png", { type: "image/png" }));
			file.files = files.files;
		}, "image/png");
		canvas.addEventListener("pointerdown", (e) => { drawing = drawn = true; canvas.setPointerCapture(e.pointerId); pen.beginPath(); pen.moveTo(...at(e)); pen.lineTo(...at(e)); pen.stroke(); e.preventDefault(); });
		canvas.addEventListener("pointermove", (e) => { if (drawing) { pen.lineTo(...at(e)); pen.stroke(); } });
		for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { if (drawing) { drawing = false; keep(); } });
		one("button", place).addEventListener("click", () => { clear(); file.value = ""; });
		clear();
		place.hidden = false;
	};

	document.querySelectorAll("[data-sign]").forEach(sign);
})();
