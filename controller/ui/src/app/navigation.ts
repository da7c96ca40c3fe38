import {
  IconAlertHexagon,
  IconBook2,
  IconCalendarEvent,
  IconClipboardCheck,
  IconHome,
  IconMap2,
  IconMicrophone,
  IconSettings,
  IconSpeakerphone,
} from "@tabler/icons-react";
import type { ComponentType } from "react";

export interface Place {
  to: string;
  /** Last part of the keys of its names. */
  key: string;
  icon: ComponentType<{ size?: number; stroke?: number; "aria-hidden"?: boolean }>;
  /** Shown to those who hold it; left out: to everybody. */
  permission?: string;
}

/** Every place of the desktop's rail, in order. */
export const places: readonly Place[] = [
  { to: "/", key: "home", icon: IconHome },
  { to: "/soan", key: "compose", icon: IconMicrophone, permission: "compose" },
  { to: "/ban-tin", key: "announcements", icon: IconClipboardCheck },
  { to: "/lich", key: "schedule", icon: IconCalendarEvent },
  { to: "/loa", key: "terminals", icon: IconSpeakerphone },
  { to: "/nhat-ky", key: "diary", icon: IconBook2 },
  { to: "/toan-tinh", key: "overview", icon: IconMap2 },
  { to: "/khan-cap", key: "emergency", icon: IconAlertHexagon },
  {
    to: "/quan-tri",
    key: "administration",
    icon: IconSettings,
    permission: "manage_areas",
  },
];

const at = (to: string) => places.find((place) => place.to === to) as Place;

/** The five of the phone's bottom bar; the middle one is what this person does most. */
export function bar(may: (permission: string) => boolean): Place[] {
  const middle = may("compose") ? "/soan" : may("manage_areas") ? "/quan-tri" : "/toan-tinh";
  return ["/", "/lich", middle, "/loa", "/nhat-ky"].map(at);
}
