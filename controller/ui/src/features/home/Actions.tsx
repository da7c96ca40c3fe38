import { UnstyledButton } from "@mantine/core";
import { IconCalendarPlus, IconMap2, IconMicrophone, IconSpeakerphone } from "@tabler/icons-react";
import type { ComponentType } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useMay } from "../../app/session";
import classes from "./home.module.css";

interface Act {
  to: string;
  /** Last part of the keys of its name and hint. */
  key: string;
  icon: ComponentType<{ size?: number; stroke?: number; "aria-hidden"?: boolean }>;
}

const COMPOSING: readonly Act[] = [
  { to: "/soan", key: "record", icon: IconMicrophone },
  { to: "/soan?hen-gio", key: "plan", icon: IconCalendarPlus },
];
const WATCHING: readonly Act[] = [
  { to: "/toan-tinh", key: "overview", icon: IconMap2 },
  { to: "/loa", key: "terminals", icon: IconSpeakerphone },
];

/** The large buttons: what this person does most comes first. */
export function Actions() {
  const { t } = useTranslation();
  const may = useMay();
  return (
    <div className={classes.actions}>
      {(may("compose") ? COMPOSING : WATCHING).map(({ to, key, icon: Icon }, index) => (
        <UnstyledButton
          key={key}
          component={Link}
          to={to}
          className={classes.action}
          data-primary={index === 0 || undefined}
        >
          <Icon size={40} stroke={1.6} aria-hidden />
          <span>
            <strong>{t(`home.${key}`)}</strong>
            <span className={classes.hint}>{t(`home.${key}_hint`)}</span>
          </span>
        </UnstyledButton>
      ))}
    </div>
  );
}
