const map = document.getElementById("map"), ring = document.getElementById("ring"), tip = document.getElementById("tip");
const width = Number(map.firstElementChild.getAttribute("width")), reach = 14;
function show(event) {
  const box = map.getBoundingClientRect(), scale = box.width / width;
  const x = (event.clientX - box.left) / scale, y = (event.clientY - box.top) / scale;
  let best = null, least = (reach / scale) ** 2;
  for (const point of points) {
    const distance = (point[0] - x) ** 2 + (point[1] - y) ** 2;
    if (distance <= least) { least = distance; best = point; }
  }
  ring.hidden = tip.hidden = best === null;
  if (best === null) return;
  ring.style.left = best[0] * scale + "px";
  ring.style.top = best[1] * scale + "px";
  tip.firstChild.textContent = groups[best[2]];
  tip.lastChild.textContent = best[3];
  const left = box.left + best[0] * scale + 16, top = box.top + best[1] * scale + 16;
  tip.style.left = Math.max(4, Math.min(left, innerWidth - tip.offsetWidth - 4)) + "px";
  tip.style.top = Math.max(4, Math.min(top, innerHeight - tip.offsetHeight - 4)) + "px";
}
map.addEventListener("pointermove", show);
map.addEventListener("pointerdown", show);
map.addEventListener("pointerleave", () => { ring.hidden = tip.hidden = true; });
