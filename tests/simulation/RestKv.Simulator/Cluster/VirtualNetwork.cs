using RestKv.Raft;
using RestKv.Simulator.Checks;
using RestKv.Simulator.Engine;

namespace RestKv.Simulator.Cluster;

/// <summary>Links between members: every message is encoded and decoded, delayed, and now and then lost, doubled or held up.</summary>
internal sealed class VirtualNetwork(Simulation simulation, SimulationRandom random)
{
    private readonly HashSet<(long From, long To)> _cut = [];

    public void Cut(NodeId from, NodeId to) => _cut.Add((from.Value, to.Value));

    /// <summary>Everything between members takes long, and anything may overtake anything.</summary>
    public bool IsStormy { get; set; }

    public bool IsCut => _cut.Count > 0;

    public void HealAll() => _cut.Clear();

    /// <param name="storeId">Of the sender's disk, as its hello has told.</param>
    public void Send(in Message message, long storeId)
    {
        var bytes = new byte[MessageCodec.Measure(message)];
        MessageCodec.Encode(message, bytes);
        var (from, to) = (message.From.Value, message.To.Value);
        if (_cut.Contains((from, to)))
        {
            return;
        }

        var isLossy = simulation.IsFaulty(FaultClasses.PeerLoss);
        if (isLossy && random.OneIn(20))
        {
            simulation.Sometimes.Hit("message lost");
            return;
        }

        Deliver(from, to, storeId, bytes);
        if (isLossy && random.OneIn(20))
        {
            simulation.Sometimes.Hit("message repeated");
            Deliver(from, to, storeId, bytes);
        }
    }

    /// <summary>Brings something to the process that runs there by then, if the link is up at both ends of the way.</summary>
    public void Carry(long from, long to, long delay, Action<NodeLife> deliver)
    {
        if (_cut.Contains((from, to)))
        {
            return;
        }

        simulation.Scheduler.After(delay, () =>
        {
            if (!_cut.Contains((from, to)) && simulation.FindNode(to) is { } node)
            {
                if (node.Life is not { } life)
                {
                    simulation.Sometimes.Hit("message for a process that is down");
                    return;
                }

                node.After(0, life, () => deliver(life));
            }
        });
    }

    /// <summary>A process is gone and its connections with it: those who can be reached hear of it, as its machine still runs.</summary>
    public void ProcessGone(NodeId gone)
    {
        foreach (var node in simulation.Nodes)
        {
            if (node.Id != gone && !node.Id.IsNone)
            {
                Carry(gone.Value, node.Id.Value, random.Between(50, 2000) * Time.Microsecond, life => life.LosePeer(gone));
            }
        }
    }

    private void Deliver(long from, long to, long storeId, byte[] bytes)
    {
        var tail = simulation.IsFaulty(FaultClasses.PeerLoss) ? 5 : 0;
        var delay = IsStormy
            ? random.Between(50, 80_000) * Time.Microsecond
            : random.LongTailed(50, 300, tail, 400_000) * Time.Microsecond;
        simulation.Sometimes.HitIf(delay > 200 * Time.Millisecond, "message held up for long");
        Carry(from, to, delay, life =>
        {
            if (!life.Admits(new NodeId(from), storeId))
            {
                return;
            }

            if (!MessageCodec.TryDecode(bytes, out var message, out var fault))
            {
                throw new SimulationFailure("codec", $"a message cannot be read back: {fault}");
            }

            simulation.JudgeDelivery(message, life);
            simulation.Sometimes.HitIf(life.Current is { } shown && message.Term < shown.Raft.Term, "message of a lower term");
            life.Receive(message);
        });
    }
}
