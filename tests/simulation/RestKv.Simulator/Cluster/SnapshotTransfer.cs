using RestKv.Raft;
using RestKv.Simulator.Engine;
using RestKv.Storage.Snapshots;

namespace RestKv.Simulator.Cluster;

/// <summary>
/// The sender's end of one snapshot on its way: pieces of the real file over a slow connection of its own, each answered by
/// how far the receiver is. A connection that breaks is made again a few times, and the file goes on where it broke off.
/// </summary>
internal sealed class SnapshotTransfer(
    Simulation simulation, NodeLife sender, NodeId from, NodeId to, SnapshotFileBytes source, SimulationRandom random,
    Action<bool> onEnd)
{
    private const int BreaksMax = 4;
    private const long AnswerTimeout = 250 * Time.Millisecond;
    private int _question;
    private int _breaks;
    private bool _isOver;

    /// <summary>Asks how far the receiver is: nowhere, as a rule.</summary>
    public void Begin() => Send(0, 0);

    private void Send(long offset, int length)
    {
        var question = ++_question;
        var piece = new byte[length];
        Invariant.Check(source.ReadAt(offset, piece) == length);
        sender.Later(AnswerTimeout, () => Silent(question));
        if (simulation.IsFaulty(FaultClasses.PeerLoss) && random.OneIn(30))
        {
            return;
        }

        simulation.Network.Carry(from.Value, to.Value, Delay(), receiver =>
        {
            if (receiver.Admits(from, sender.StoreId))
            {
                receiver.TakePiece(
                    (source.Index, source.Term), source.Length, offset, piece, (taken, isDone) => Answer(question, taken, isDone));
            }
        });
    }

    /// <summary>Said by the receiver; heard by the sender a little later, if both still live and can reach each other.</summary>
    private void Answer(int question, long taken, bool isDone) => simulation.Network.Carry(to.Value, from.Value, Delay(), life =>
    {
        if (life != sender || _isOver || question != _question)
        {
            return;
        }

        if (isDone)
        {
            End(delivered: true);
            return;
        }

        simulation.Sometimes.HitIf(_breaks > 0 && taken > 0, "snapshot transfer resumed");
        var left = (int)Math.Min(source.Length - taken, random.Pick([500, 4000, 50_000]));
        sender.Later(left == 0 ? Delay() : 1, () => Send(taken, left));
    });

    private void Silent(int question)
    {
        if (_isOver || question != _question)
        {
            return;
        }

        simulation.Sometimes.Hit("snapshot transfer broke off");
        if (++_breaks > BreaksMax)
        {
            End(delivered: false);
            return;
        }

        Send(0, 0);
    }

    private void End(bool delivered)
    {
        _isOver = true;
        source.Dispose();
        onEnd(delivered);
    }

    private long Delay() => random.LongTailed(200, 2000, 2, 30_000) * Time.Microsecond;
}
