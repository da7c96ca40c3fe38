import { clockTime, dateOf, dayOf, zoned } from "./times";

interface TimeTextProps {
  /** ISO 8601 instant. */
  at: string;
  /** Leaves the day out. */
  clock?: boolean;
}

/** "05:30 thứ Hai 24/11", in the area's own zone; the day is left out when it is today. */
export function TimeText({ at, clock = false }: TimeTextProps) {
  const today = dateOf(Date.now()) === dateOf(at);
  const text = clock || today ? clockTime(at) : `${clockTime(at)} ${dayOf(at)}`;
  return (
    <time dateTime={at} title={zoned(at).format("HH:mm:ss DD/MM/YYYY")}>
      {text}
    </time>
  );
}
