import dayjs from "dayjs";
import "dayjs/locale/vi";
import timezone from "dayjs/plugin/timezone";
import utc from "dayjs/plugin/utc";
import i18n from "i18next";

dayjs.extend(utc);
dayjs.extend(timezone);

// The zone of the signed-in person's area: a phone may be set to another one.
let zone = "Asia/Ho_Chi_Minh";

/** Shows all times in this IANA zone from now on. */
export function showZone(name: string): void {
  zone = name;
}

export function zoned(instant: string | number | Date): dayjs.Dayjs {
  return dayjs(instant).tz(zone);
}

/** "05:30" */
export function clockTime(instant: string): string {
  return zoned(instant).format("HH:mm");
}

const DAYS = {
  vi: ["Chủ nhật", "thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy"],
  en: ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
} as const;

function names(): readonly string[] {
  return i18n.language === "en" ? DAYS.en : DAYS.vi;
}

/** Name of an ISO weekday: Monday is 1, Sunday 7. */
export function weekdayName(iso: number): string {
  return names()[iso % 7] ?? "";
}

/** "thứ Hai 24/11" */
export function dayOf(instant: string | number | Date): string {
  const at = zoned(instant);
  return `${names()[at.day()]} ${at.format("DD/MM")}`;
}

/** "2026-11-24" in the area's zone. */
export function dateOf(instant: string | number | Date): string {
  return zoned(instant).format("YYYY-MM-DD");
}

/** "3:05" or "1:02:03" */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const two = (value: number) => String(value).padStart(2, "0");
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
