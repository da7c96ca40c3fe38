import { List } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { overnight, type Policy, type QuietWindow, WEEKDAYS } from "./rules";

/** Rules as sentences. */
export function RulesText({ rules }: { rules: Policy }) {
  const { t } = useTranslation();
  const { max_session_minutes: session, max_day_minutes: day } = rules;
  return (
    <List spacing={4}>
      {rules.quiet.length === 0 && <List.Item>{t("administration.rules.no_quiet")}</List.Item>}
      {rules.quiet.map((window) => (
        <List.Item key={JSON.stringify(window)}>
          <Quiet window={window} />
        </List.Item>
      ))}
      <List.Item>{t("administration.rules.volume_most", { number: rules.max_volume })}</List.Item>
      <List.Item>
        {session === null
          ? t("administration.rules.session_any")
          : t("administration.rules.session_most", { number: session })}
      </List.Item>
      <List.Item>
        {day === null
          ? t("administration.rules.day_any")
          : t("administration.rules.day_most", { number: day })}
      </List.Item>
      <List.Item>
        {t(`administration.rules.${rules.author_may_approve ? "author_may" : "author_may_not"}`)}
      </List.Item>
    </List>
  );
}

function Quiet({ window }: { window: QuietWindow }) {
  const { t } = useTranslation();
  const days = window.weekdays ?? [...WEEKDAYS];
  const which =
    days.length === WEEKDAYS.length
      ? t("administration.rules.every_day")
      : days.map((day) => t(`administration.weekday.${day}`)).join(", ");
  const span = { start: window.start, end: window.end, days: which };
  return overnight(window)
    ? t("administration.rules.quiet_overnight", span)
    : t("administration.rules.quiet", span);
}
