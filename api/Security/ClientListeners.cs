using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace RestKv.Api.Security;

/// <summary>
/// The sockets on which clients are awaited. When one is closed, the system resets the connections that it has made for it and
/// that nobody has accepted yet, with the requests that were already sent on them. So before that no more are made: a filter of
/// the socket drops the packets that open one, those that are half open are completed and accepted, and a client that comes later
/// is refused as soon as the socket is closed, before it has sent anything. Linux only; elsewhere the small gap stays open.
/// </summary>
internal sealed class ClientListeners
{
    private const int SocketLevel = 1;
    private const int AttachFilter = 26;
    private const int TcpLevel = 6;
    private const int TcpInfo = 11;

    /// <summary>In the facts about a listening socket: connections that wait to be accepted.</summary>
    private const int WaitingOffset = 24;

    /// <summary>
    /// Classic BPF, over the TCP header: load the flags, keep SYN and ACK, drop what has SYN alone, take the rest. Each is
    /// code, jump if true, jump if false, operand.
    /// </summary>
    private static readonly ulong[] DropOpening =
    [
        Instruction(0x30, 0, 0, 13),
        Instruction(0x54, 0, 0, 0x12),
        Instruction(0x15, 0, 1, 0x02),
        Instruction(0x06, 0, 0, 0),
        Instruction(0x06, 0, 0, 0x40000),
    ];

    private readonly List<Socket> _sockets = [];

    /// <summary>For Kestrel: makes and binds a socket as it would do itself.</summary>
    public Socket Open(EndPoint endPoint)
    {
        var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint);
        _sockets.Add(socket);
        return socket;
    }

    /// <summary>Connections that the system has made and nobody has accepted yet, as far as it tells.</summary>
    public int Waiting => OperatingSystem.IsLinux() ? _sockets.Sum(WaitingOn) : 0;

    /// <summary>No new connection is made from here on; those that are under way still are.</summary>
    public void TakeNoMore()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        foreach (var socket in _sockets)
        {
            Attach(socket);
        }
    }

    private static int WaitingOn(Socket socket)
    {
        Span<byte> facts = stackalloc byte[WaitingOffset + sizeof(int)];
        try
        {
            return socket.GetRawSocketOption(TcpLevel, TcpInfo, facts) < facts.Length
                ? 0
                : BinaryPrimitives.ReadInt32LittleEndian(facts[WaitingOffset..]);
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
        {
            return 0;
        }
    }

    private static void Attach(Socket socket)
    {
        // 1. What the system reads while the call lasts: a count and where the program is.
        var program = GC.AllocateArray<ulong>(DropOpening.Length, pinned: true);
        DropOpening.CopyTo(program, 0);
        Span<byte> option = stackalloc byte[16];
        option.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(option, (ushort)program.Length);
        BinaryPrimitives.WriteInt64LittleEndian(option[8..], Marshal.UnsafeAddrOfPinnedArrayElement(program, 0));

        // 2. A system that does not know such filters leaves the gap; a socket that is closed has none.
        try
        {
            socket.SetRawSocketOption(SocketLevel, AttachFilter, option);
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
        {
        }

        GC.KeepAlive(program);
    }

    private static ulong Instruction(ushort code, byte ifTrue, byte ifFalse, uint operand) =>
        code | ((ulong)ifTrue << 16) | ((ulong)ifFalse << 24) | ((ulong)operand << 32);
}
