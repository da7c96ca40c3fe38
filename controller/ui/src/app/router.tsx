import { Suspense } from "react";
import { Outlet, type RouteObject, useRoutes } from "react-router";
import { routes as administration } from "../features/administration/routes";
import { routes as announcements } from "../features/announcements/routes";
import { routes as compose } from "../features/compose/routes";
import { routes as diary } from "../features/diary/routes";
import { routes as emergency } from "../features/emergency/routes";
import { routes as home } from "../features/home/routes";
import { routes as overview } from "../features/overview/routes";
import { routes as schedule } from "../features/schedule/routes";
import { routes as session } from "../features/session/routes";
import { routes as terminals } from "../features/terminals/routes";
import { Missing } from "./Missing";
import { Shell } from "./Shell";

const inside: RouteObject[] = [
  ...home,
  ...compose,
  ...announcements,
  ...schedule,
  ...terminals,
  ...diary,
  ...emergency,
  ...overview,
  ...administration,
  ...session.inside,
  { path: "*", element: <Missing /> },
];

const everything: RouteObject[] = [
  {
    element: (
      <Suspense fallback={null}>
        <Outlet />
      </Suspense>
    ),
    children: session.outside,
  },
  { element: <Shell />, children: inside },
];

/** The screen of the present address. */
export function Screens() {
  return useRoutes(everything);
}
