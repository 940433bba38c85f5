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

    public void Send(in Message message)
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

        Deliver(from, to, bytes);
        if (isLossy && random.OneIn(20))
        {
            simulation.Sometimes.Hit("message repeated");
            Deliver(from, to, bytes);
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
            var node = simulation.Node(to);
            if (!_cut.Contains((from, to)) && node.Life is { } life)
            {
                node.After(0, life, () => deliver(life));
            }
        });
    }

    /// <summary>A process is gone and its connections with it: those who can be reached hear of it, as its machine still runs.</summary>
    public void ProcessGone(NodeId gone)
    {
        foreach (var id in simulation.Membership.Voters)
        {
            if (id != gone)
            {
                Carry(gone.Value, id.Value, random.Between(50, 2000) * Time.Microsecond, life => life.LosePeer(gone));
            }
        }
    }

    private void Deliver(long from, long to, byte[] bytes)
    {
        var tail = simulation.IsFaulty(FaultClasses.PeerLoss) ? 5 : 0;
        var delay = IsStormy
            ? random.Between(50, 80_000) * Time.Microsecond
            : random.LongTailed(50, 300, tail, 400_000) * Time.Microsecond;
        Carry(from, to, delay, life =>
        {
            if (!MessageCodec.TryDecode(bytes, out var message, out var fault))
            {
                throw new SimulationFailure("codec", $"a message cannot be read back: {fault}");
            }

            life.Receive(message);
        });
    }
}
