import { lazy } from "react";
import type { RouteObject } from "react-router";

const AnnouncementsPage = lazy(() => import("./AnnouncementsPage"));
const AnnouncementPage = lazy(() => import("./AnnouncementPage"));

export const routes: RouteObject[] = [
  { path: "/ban-tin", element: <AnnouncementsPage /> },
  { path: "/ban-tin/:id", element: <AnnouncementPage /> },
];
