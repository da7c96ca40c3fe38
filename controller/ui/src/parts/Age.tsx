import { useTranslation } from "react-i18next";
import { ageParts } from "./elapsed";
import { useNow } from "./now";
import { zoned } from "./times";

interface AgeProps {
  /** ISO 8601 instant of the figure; null: never. */
  at: string | null;
}

/** The age of a figure, ticking: "3 giây", "12 phút". */
export function Age({ at }: AgeProps) {
  const { t } = useTranslation();
  const now = useNow();
  if (at === null) return <span>{t("status.never")}</span>;
  const { unit, count } = ageParts(Date.parse(at), now);
  return (
    <time dateTime={at} title={zoned(at).format("HH:mm:ss DD/MM/YYYY")}>
      {t(`status.age.${unit}`, { number: count })}
    </time>
  );
}
