// A compute loop in compiled JavaScript: integers, floating point, objects, strings, sorting.
let s = 0, f = 0;
for (let round = 0; round < 600; round++) {
  const list = [];
  for (let i = 0; i < 100000; i++) {
    s = (Math.imul(s, 31) + i) | 0;
    f += Math.sqrt(i + round);
    if (i % 50 == 0) list.push({ key: s & 0xffff, name: "n" + i });
  }
  list.sort((a, b) => a.key - b.key);
  s += list[round].name.length;
}
console.log(s, f.toFixed(3));
