// WGS-84 to GCJ-02, as my.getLocation converts: the published algorithm, in the same steps as scantrail/geo.py.
const A = 6378245.0; // semi-major axis, Krasovsky 1940, metres
const EE = 0.00669342162296594323; // first eccentricity squared
const { PI, sin, cos, sqrt, abs } = Math;

export function wgs84ToGcj02(latitude, longitude) {
  const inside = latitude >= 0.8293 && latitude <= 55.8271 && longitude >= 72.004 && longitude <= 137.8347;
  if (!inside) return [latitude, longitude];
  const x = longitude - 105, y = latitude - 35;
  const common = ((20 * sin(6 * x * PI) + 20 * sin(2 * x * PI)) * 2) / 3;
  let north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + common;
  north += ((20 * sin(y * PI) + 40 * sin((y / 3) * PI)) * 2) / 3;
  north += ((160 * sin((y / 12) * PI) + 320 * sin((y * PI) / 30)) * 2) / 3;
  let east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + common;
  east += ((20 * sin(x * PI) + 40 * sin((x / 3) * PI)) * 2) / 3;
  east += ((150 * sin((x / 12) * PI) + 300 * sin((x / 30) * PI)) * 2) / 3;
  const phi = (latitude * PI) / 180;
  const w2 = 1 - EE * sin(phi) ** 2;
  const meridian = (A * (1 - EE)) / w2 ** 1.5;
  const parallel = (A / sqrt(w2)) * cos(phi);
  return [latitude + (north / meridian) * (180 / PI), longitude + (east / parallel) * (180 / PI)];
}
