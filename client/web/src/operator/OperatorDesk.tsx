// What this desk has of its own stands beside this file; what it shares with a room is the room's.
export { RoomPage as OperatorDesk } from "../room-page/RoomPage";
