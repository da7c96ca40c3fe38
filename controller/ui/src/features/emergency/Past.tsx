import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { TimeText } from "../../parts/TimeText";
import type { Emergency } from "./queries";

/** An emergency that is over: how it ended and where it sounded. */
export function Past({ emergency }: { emergency: Emergency }) {
  const { t } = useTranslation();
  const { title, terminals, acknowledged, sounded, cancelled_at, expires_at } = emergency;
  return (
    <article>
      <Text fw={600}>{title}</Text>
      <Text>
        {t("emergency.since")} <TimeText at={emergency.issued_at} /> ·{" "}
        {t(cancelled_at ? "emergency.cancelled" : "emergency.expired")}{" "}
        <TimeText at={cancelled_at ?? expires_at} />
      </Text>
      <Text>{t("emergency.progress", { acknowledged, sounded, terminals })}</Text>
    </article>
  );
}
