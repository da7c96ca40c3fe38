import { lazy } from "react";
import type { RouteObject } from "react-router";

const DiaryPage = lazy(() => import("./DiaryPage"));

export const routes: RouteObject[] = [{ path: "/nhat-ky", element: <DiaryPage /> }];
