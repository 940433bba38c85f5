using RestKv.Raft;

namespace RestKv.Api.Watch;

/// <summary>
/// The deadlines of the many streams of one lane: a hashed wheel (Varghese and Lauck 1987), so that setting, moving and
/// dropping one costs the same whether there are ten or ten thousand, and one timer serves all. Who is called early, because
/// its deadline lies more than a turn of the wheel ahead or was moved, sets it again. Owned by the lane.
/// </summary>
internal sealed class DeadlineWheel(long tickMs)
{
    private const int Slots = 256;

    private readonly LaneSeat?[] _slots = new LaneSeat?[Slots];
    private readonly long _tickMs = tickMs;
    private long _tick;

    public void Set(LaneSeat seat, long deadlineMs)
    {
        Remove(seat);
        var tick = Math.Clamp((deadlineMs + _tickMs - 1) / _tickMs, _tick + 1, _tick + Slots - 1);
        seat.Slot = (int)(tick % Slots);
        ref var head = ref _slots[seat.Slot];
        seat.Next = head;
        if (head is not null)
        {
            head.Previous = seat;
        }

        head = seat;
    }

    public void Remove(LaneSeat seat)
    {
        if (seat.Slot < 0)
        {
            return;
        }

        if (seat.Previous is null)
        {
            Invariant.Check(_slots[seat.Slot] == seat);
            _slots[seat.Slot] = seat.Next;
        }
        else
        {
            seat.Previous.Next = seat.Next;
        }

        if (seat.Next is not null)
        {
            seat.Next.Previous = seat.Previous;
        }

        seat.Next = seat.Previous = null;
        seat.Slot = -1;
    }

    /// <summary>Takes everyone out whose deadline has come.</summary>
    public void Advance(long nowMs, List<LaneSeat> due)
    {
        var target = nowMs / _tickMs;
        if (target - _tick > Slots)
        {
            // After a long pause every slot is due once, not once for each missed turn.
            _tick = target - Slots;
        }

        while (_tick < target)
        {
            _tick++;
            while (_slots[_tick % Slots] is { } seat)
            {
                Remove(seat);
                due.Add(seat);
            }
        }
    }
}
