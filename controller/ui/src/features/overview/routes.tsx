import { lazy } from "react";
import type { RouteObject } from "react-router";

const OverviewPage = lazy(() => import("./OverviewPage"));
const WallPage = lazy(() => import("./WallPage"));

export const routes: RouteObject[] = [
  { path: "/toan-tinh", element: <OverviewPage /> },
  { path: "/toan-tinh/man-hinh-lon", element: <WallPage /> },
];
