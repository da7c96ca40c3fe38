import type { RouteObject } from "react-router";
import { OverviewPage } from "./OverviewPage";
import { WallPage } from "./WallPage";

export const routes: RouteObject[] = [
  { path: "/toan-tinh", element: <OverviewPage /> },
  { path: "/toan-tinh/man-hinh-lon", element: <WallPage /> },
];
